import type { Manifest } from '../manifest';
import type { HostFacts } from './state';
import type { Obstacle } from './step';

/** Programs that services may need, and the Debian packages that bring them. */
const PACKAGES: Readonly<Record<string, string>> = {
  systemd: 'systemd',
  podman: 'podman',
  'systemd-nspawn': 'systemd-container',
  'systemd-socket-proxyd': 'systemd',
  socat: 'socat',
  ip: 'iproute2',
  sysctl: 'procps',
  loginctl: 'systemd',
  useradd: 'passwd',
  newuidmap: 'uidmap',
  bash: 'bash',
  nsenter: 'util-linux',
};

/** Services of the host that others may need to run. */
const RUNNING = ['systemd-networkd'];

/**
 * Prints the facts, one a line: `key value`. Part of the observing script: podman takes its time to tell its version,
 * and is asked only when there are Quadlet files, or when it matters.
 */
export const FACTS_SCRIPT = `
(. /etc/os-release && echo "os $PRETTY_NAME")
[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] && echo cgroup v2 || echo cgroup v1
systemctl --version | head -n 1
case "$details $asked $recorded" in
  yes*|*/containers/systemd/*|*'requires podman'*) command -v podman >/dev/null && podman --version ;;
esac
for program in ${Object.keys(PACKAGES).join(' ')}; do
  PATH=$PATH:/usr/sbin:/sbin:/usr/lib/systemd command -v "$program" >/dev/null && echo "have $program"
done
for service in ${RUNNING.join(' ')}; do
  case "$asked" in *"requires $service"*) systemctl is-active --quiet "$service" && echo "have $service" ;; esac
done
`;

export function parseFacts(text: string): HostFacts {
  const programs = new Map<string, string>();
  for (const [, program = ''] of text.matchAll(/^have (.*)$/gm)) programs.set(program, '');
  const systemd = /^systemd (\d+)/m.exec(text)?.[1];
  const podman = /^podman version (\S+)/m.exec(text)?.[1];
  if (systemd) programs.set('systemd', systemd);
  if (podman) programs.set('podman', podman);
  return { os: /^os (.*)$/m.exec(text)?.[1] ?? 'Linux', cgroup: /^cgroup v2$/m.test(text) ? 'v2' : 'v1', programs };
}

/** What a service needs that the host does not have. */
export function missing(manifest: Manifest, facts: HostFacts): Obstacle[] {
  return Object.entries(manifest.requires ?? {}).flatMap(([program, need]) => {
    const has = program === 'cgroup' ? facts.cgroup.slice(1) : facts.programs.get(program);
    const [, least = '', why = ''] = /^([\d.]*)\s*(.*)$/.exec(need) ?? [];
    if (has !== undefined && !(least && has && isOlder(has, least))) return [];
    const name = PACKAGES[program];
    const runs = RUNNING.includes(program);
    const advice = runs ? `systemctl enable --now ${program}` : name && `apt-get install ${name}`;
    return [
      {
        at: ['requires', program],
        action: `run ${manifest.name}`,
        problem:
          has === undefined
            ? `${program} is not ${runs ? 'running' : 'installed'} there`
            : `${program} is ${has}, expected ${least} or newer${why && ` ${why}`}`,
        ...(has === undefined && advice && { advice }),
      },
    ];
  });
}

function isOlder(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (const [index, part] of (b ?? []).entries()) {
    const difference = (a?.[index] ?? 0) - part;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
