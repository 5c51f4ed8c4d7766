import { checkDirectives, Raw, readDirectives } from '../../lib/directives';
import { typeOfSection, type UnitProbe, unitProbes } from '../directives/support/unit-values';
import { describeHost, lab } from './host';
import { dumpOnHost } from './host-manager';

/** What a unit of a type must have. */
const HEADS: Readonly<Record<string, readonly string[]>> = {
  service: ['[Service]', 'Type=oneshot', 'ExecStart=/bin/true'],
  socket: ['[Socket]', 'ListenStream=/run/x'],
  timer: ['[Timer]', 'OnBootSec=1'],
  path: ['[Path]', 'PathExists=/x'],
  swap: ['[Swap]', 'What=/x'],
  mount: ['[Mount]', 'What=/x'],
};

/** Keys whose wrong values end the reading of the file: of each value a file of its own, and so only some values. */
const FATAL =
  /^(?:DynamicUser|RootDirectory|RootImage|WorkingDirectory|RootVerity|User|Group|SupplementaryGroups|SocketUser|SocketGroup|RootImagePolicy|ExtensionImagePolicy|MountImagePolicy|PIDFile)$/;
const EVERY = 12;

/** Taken, but with a remark; or refused only by the manager of a user, which reads the files here. */
const REMARK = /is obsolete|please use|This is unsafe|Multiple units to trigger|user mode action/;

/** Why a value is refused here that the service manager takes. */
const STRICTER: readonly (readonly [why: string, test: (probe: UnitProbe) => boolean])[] = [
  [
    'unknown words are dropped without a message',
    ({ key }) => /^(?:CapabilityBoundingSet|AmbientCapabilities|SecureBits)$/.test(key),
  ],
  ['what a name means is seen when the unit starts', ({ key }) => key === 'RestrictFileSystems'],
  ['numbers of policies have names', ({ key, text }) => key === 'CPUSchedulingPolicy' && /^[\d+-]/.test(text)],
  [
    'a number stands for a word in one spelling',
    ({ key, text }) => /^(?:Syslog(?:Level|Facility)|LogLevelMax|SocketProtocol)$/.test(key) && /^[+\d]/.test(text),
  ],
  [
    'the process would get another value',
    ({ entry }) => /^credential-|^relative-path|^bind-path|^image/.test(entry.kind),
  ],
  [
    'no number of ours can tell it from the next',
    ({ text }) => /^(?:18446744073709551615|9223372036854775807)$/.test(text),
  ],
  ['a size has no sign and is decimal', ({ key, text }) => key === 'MessageQueueMessageSize' && /^[-+0]/.test(text)],
  ['refused when the unit is loaded', ({ key, text }) => key === 'MaxConnections' && Number(text) === 0],
  ['the kernel has four classes', ({ key }) => key === 'IOSchedulingClass'],
  ['a device has a path', ({ entry, text }) => /^device-/.test(entry.kind) && !text.startsWith('/')],
  ['a mask has no sign', ({ key, text }) => key === 'CoredumpFilter' && text.startsWith('+')],
  [
    'a slip of the parser: the greatest of 32 bits plus one',
    ({ entry, text }) => entry.kind === 'cpu-list' && /^(?:4294967295|0xffffffff)$/.test(text),
  ],
  ['nothing behind the colon', ({ entry, text }) => entry.kind === 'partition-options' && text.endsWith(':')],
];

/** Why a value is accepted here that the service manager refuses. */
const LAXER: readonly (readonly [why: string, test: (probe: UnitProbe) => boolean])[] = [
  ['which system calls there are depends on the architecture and the version', ({ entry }) => entry.kind === 'syscall'],
  [
    'which time zones there are depends on the host',
    ({ entry, text }) => entry.kind === 'calendar' && / [A-Z]\w+\/\w+$/.test(text),
  ],
  [
    'an empty one means the default since a later version',
    ({ key, text }) => key === 'ProtectHostname' && text.trim() === '',
  ],
  ['no number of ours can tell it from the one before', ({ text }) => text === '9223372036854775808'],
  [
    'options are for the file system to know',
    ({ entry, text }) => entry.kind === 'partition-options' && text.startsWith(':'),
  ],
  ['which personalities there are depends on the architecture', ({ key }) => key === 'Personality'],
];

interface Place {
  readonly name: string;
  readonly probe: UnitProbe;
}

/** Files with the probes of one key each, one line each, and at the end a key that must be complained about. */
function filesOf(probes: readonly UnitProbe[]) {
  const files = new Map<string, string[]>();
  const places = new Map<string, Place>();
  let last: UnitProbe | undefined;
  let name = '';
  for (const [index, probe] of probes.entries()) {
    const fatal = FATAL.test(probe.key);
    if (fatal && index % EVERY !== 0) continue;
    const type = typeOfSection(probe.section);
    if (fatal || last?.entry !== probe.entry) {
      name = `v${files.size}.${type}`;
      files.set(name, [...(HEADS[type] ?? []), `[${probe.section}]`]);
    }
    last = probe;
    const lines = files.get(name) as string[];
    if (probe.entry.reset) lines.push(`${probe.key}=`);
    places.set(`${name}:${lines.push(`${probe.key}=${probe.text}`)}`, { name, probe });
  }
  const texts = [...files].map(([file, lines]) => [file, `${lines.join('\n')}\nSentinel=1\n`] as const);
  return {
    texts: Object.fromEntries(texts),
    places,
    ends: [...files].map(([file, lines]) => [file, `${file}:${lines.length + 1}`] as const),
  };
}

describeHost('the service manager', () => {
  test('takes the values of units that are accepted, and refuses those that are refused', async () => {
    const systemd = Number(/\d+/.exec(await lab.sh('systemctl --version'))?.[0]);
    const { texts, places, ends } = filesOf(unitProbes(systemd));
    const { messages } = await dumpOnHost(texts);
    const said = new Map(
      messages.flatMap((message): [string, string][] => {
        const [, place, text] = /\/([^/\s]+:\d+): (.*)$/.exec(message) ?? [];
        return place === undefined || text === undefined ? [] : [[place, text]];
      }),
    );
    const alone = new Set([...places.values()].filter(({ probe }) => FATAL.test(probe.key)).map(({ name }) => name));
    const cut = ends
      .filter(([file, end]) => !alone.has(file) && !said.has(end))
      .map(([file]) => [...places.values()].find(({ name }) => name === file)?.probe.key);

    const wrong = { accepted: [] as string[], refused: [] as string[] };
    const agreed = { accepted: 0, refused: 0 };
    for (const [place, { probe }] of places) {
      const { section, key, text } = probe;
      const { sections, problems } = readDirectives('unit', `[${section}]\n${key}=${text}\n`);
      const value = (sections[section] as Record<string, unknown>)[key];
      const complaint = said.get(place);
      // With specifiers the value is only known to the manager.
      if ([value].flat().some((item) => item instanceof Raw) || (complaint && REMARK.test(complaint))) continue;
      const found = [...problems, ...checkDirectives('unit', sections, { systemd, dropIn: true })].filter(
        (problem) => problem.key === key,
      );
      const outcome = found.length > 0 ? 'refused' : 'accepted';
      if ((outcome === 'refused') === (complaint !== undefined)) agreed[outcome]++;
      else if (!(outcome === 'refused' ? STRICTER : LAXER).some(([, test]) => test(probe)))
        wrong[outcome].push(`[${section}] ${key}=${text}: ${complaint ?? found[0]?.message}`);
    }
    expect(cut).toEqual([]);
    expect(wrong).toEqual({ accepted: [], refused: [] });
    expect(agreed.accepted).toBeGreaterThan(70_000);
    expect(agreed.refused).toBeGreaterThan(250_000);
  });
});
