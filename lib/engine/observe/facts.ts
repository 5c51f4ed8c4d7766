import { isOlder, type Manifest } from '../../manifest';
import type { Program } from '../kind';
import { ALL_KINDS, RUNTIME_PROGRAMS } from '../kinds';
import type { HostFacts } from '../state';
import type { Obstacle } from '../step';

/** Programs that services may need, whatever their objects are. */
const COMMON: Readonly<Record<string, Program>> = {
  systemd: { package: 'systemd', version: 'systemctl --version | head -n 1' },
  flock: { package: 'util-linux' },
  bash: { package: 'bash' },
  nsenter: { package: 'util-linux' },
  portablectl: { package: 'systemd-container' },
};

const PROGRAMS: Readonly<Record<string, Program>> = Object.assign(
  {},
  COMMON,
  RUNTIME_PROGRAMS,
  ...ALL_KINDS.map(({ programs }) => programs),
);

/** Kernel features that services may need, with shell text that succeeds if the kernel has them. */
const KERNEL: Readonly<Record<string, string>> = {
  ipv6: '[ -d /proc/sys/net/ipv6 ]',
  nf_tables: 'nft list tables >/dev/null 2>&1',
};

/** Tests that run when a service needs them. */
const TESTS: Readonly<Record<string, string>> = {
  ...KERNEL,
  ...Object.fromEntries(Object.entries(PROGRAMS).flatMap(([name, { test }]) => (test ? [[name, test]] : []))),
};

/** Services of the host that other services may need. */
const RUNNING = ['systemd-networkd'];

const VERSIONS = Object.entries(PROGRAMS).flatMap(([name, { version }]) => (version ? { name, version } : []));

/**
 * Prints the facts, one a line: `key value`. Standard input: names of programs that services need. Some programs are
 * slow to print their version. They are asked only if a service needs them, or with the argument `yes`.
 */
export const FACTS_LOOK = `
required=$(tr '\\n' ' ')
versions=" systemd $required "
[ -z "$1" ] || versions=" ${VERSIONS.map(({ name }) => name).join(' ')} "
(. /etc/os-release && echo "os $PRETTY_NAME")
echo "machine $(uname -m)"
[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] && echo cgroup v2 || echo cgroup v1
for program in ${Object.keys(PROGRAMS)
  .filter((name) => !(name in TESTS))
  .join(' ')}; do
  PATH=$PATH:/usr/lib/systemd:/usr/libexec command -v "$program" >/dev/null && echo "have $program"
done
${VERSIONS.map(({ name, version }) => `case $versions in *" ${name} "*) echo "version ${name} $(${version})" ;; esac`).join('\n')}
for service in ${RUNNING.join(' ')}; do
  case " $required " in *" $service "*) systemctl is-active --quiet "$service" && echo "have $service" ;; esac
done
${Object.entries(TESTS)
  .map(([part, test]) => `case " $required " in *" ${part} "*) ${test} && echo "have ${part}" ;; esac`)
  .join('\n')}
`;

export function parseFacts(text: string): HostFacts {
  // Programs with a version come first, since users look for them.
  const programs = new Map<string, string>();
  for (const [, program = '', version = ''] of text.matchAll(/^version (\S+) [^\d\n]*([\d.]+)/gm))
    programs.set(program, version);
  for (const [, program = ''] of text.matchAll(/^have (.*)$/gm)) if (!programs.has(program)) programs.set(program, '');
  return {
    os: /^os (.*)$/m.exec(text)?.[1] ?? 'Linux',
    cgroup: /^cgroup v2$/m.test(text) ? 'v2' : 'v1',
    machine: /^machine (\S+)$/m.exec(text)?.[1] ?? '',
    programs,
  };
}

/** Obstacles for programs that a service needs and the host does not have. */
export function missing(manifest: Manifest, facts: HostFacts): Obstacle[] {
  return Object.entries(manifest.requires ?? {}).flatMap(([program, { least, why }]) => {
    const has = program === 'cgroup' ? facts.cgroup.slice(1) : facts.programs.get(program);
    const about = { at: ['requires', program], action: `run ${manifest.name}` };
    if (has === undefined) return [{ ...about, ...absence(program) }];
    if (!least || !has || !isOlder(has, least)) return [];
    return [{ ...about, problem: `${program} is ${has}, expected ${least} or newer ${why}` }];
  });
}

function absence(program: string): Pick<Obstacle, 'problem' | 'advice'> {
  if (RUNNING.includes(program))
    return { problem: `${program} is not running there`, advice: `systemctl enable --now ${program}` };
  if (program in KERNEL) return { problem: `its kernel has no ${program}` };
  const { package: name, missing } = PROGRAMS[program] ?? {};
  if (missing) return missing;
  return { problem: `${program} is not installed there`, ...(name && { advice: `apt-get install ${name}` }) };
}
