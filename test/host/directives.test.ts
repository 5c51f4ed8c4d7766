import { tuple } from '../../lib/directives';
import { expectUnits, hostileUnits } from '../directives/support/expect-units';
import * as hostile from '../directives/support/hostile';
import { known, parseItems } from '../directives/support/known-items';
import type { Files } from '../directives/support/manager';
import { writeNspawn, writeUnit } from '../directives/support/read-write';
import { PLAIN_UNIT, type UnitSample, unitOf, unitSample } from '../directives/support/unit-samples';
import fc from '../fast-check';
import { describeHost, lab } from './host';
import { dumpOnHost, pack } from './host-manager';

const { seed } = hostile;
const UNITS = 2000;
const UNITS_ON_THE_BUS = 200;
const MACHINES = 500;

type Properties = Record<string, { readonly data: unknown }>;

/** Everything that the service manager says about units, after it has read its files again. */
async function propertiesOf(units: readonly string[]): Promise<Properties[]> {
  const printed = await lab.sh(
    `systemctl daemon-reload
    for unit in "$@"; do
      busctl --json=short call org.freedesktop.systemd1 "/org/freedesktop/systemd1/unit/\${unit}_2eservice" \\
        org.freedesktop.DBus.Properties GetAll s ''
    done`,
    ...units,
  );
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).data[0]);
}

/** What a unit is beside its name, the moment, and the values asked for. */
function restOf(properties: Properties, asked: Iterable<string>): unknown {
  const own = new Set([
    ...asked,
    'Id',
    'Names',
    'FragmentPath',
    'SourcePath',
    'RequiresMountsFor',
    'MemoryAvailable',
    'NeedDaemonReload',
  ]);
  const entries = Object.entries(properties).filter(([key]) => !own.has(key) && !/Timestamp|^Exec.*Ex$/.test(key));
  const sorted = entries.map(([key, { data }]) => [key, Array.isArray(data) ? data.map(String).sort() : data]);
  return Object.fromEntries(sorted);
}

const bytes = (text: string) => [...Buffer.from(text)];
const commandOf = (argv: readonly string[], ignoreFailure: boolean) => [
  [argv[0], argv, ignoreFailure, 0, 0, 0, 0, 0, 0, 0],
];
const expand = (word: string) => word.replaceAll('$', '$$$$');
const variables = (values: Files) => Object.entries(values).map(([name, value]) => `${name}=${value}`);

/** What the service manager is to say about a sample's values. */
function propertiesExpected(sample: UnitSample): Record<string, unknown> {
  const [program = '', ...words] = sample.argv;
  return {
    Description: sample.Description,
    Conditions: [['ConditionHost', true, false, sample.ConditionHost, 0]],
    ExecStart: commandOf([program, ...words.map(expand)], false),
    ExecStartPost: commandOf(sample.argvPost, true),
    Environment: variables(sample.Environment),
    UnsetEnvironment: [sample.UnsetEnvironment],
    LogExtraFields: variables(sample.LogExtraFields).map(bytes),
    ReadWritePaths: sample.ReadWritePaths,
    InaccessiblePaths: sample.InaccessiblePaths,
    ExecSearchPath: sample.ExecSearchPath,
    BindPaths: sample.BindPaths.map(([source, target]) => [source, target, false, 16384]),
    TemporaryFileSystem: [[sample.TemporaryFileSystem, 'ro']],
    StateDirectory: [sample.StateDirectory],
    StateDirectorySymlink: [[sample.StateDirectory, '', 0]],
    SELinuxContext: [false, sample.SELinuxContext],
    UtmpIdentifier: sample.UtmpIdentifier,
    EnvironmentFiles: [[sample.EnvironmentFile, true]],
    SetCredential: [['id', bytes(sample.SetCredential)]],
    LoadCredential: [['id', sample.LoadCredential]],
    StandardInputData: bytes(`${sample.StandardInputText}\n`),
    DeviceAllow: [[`/dev${sample.device}`, 'rw']],
  };
}

function pick(properties: Properties, keys: Iterable<string>): Record<string, unknown> {
  return Object.fromEntries([...keys].map((key) => [key, properties[key]?.data]));
}

describeHost('the service manager of the host', () => {
  const name = (index: number) => `directives${index}`;

  test('has the keys of the catalog', async () => {
    const printed = await lab.sh('systemctl --version; /usr/lib/systemd/systemd --dump-configuration-items');
    const items = [...parseItems(printed).keys()];
    const version = Number(/^systemd (\d+)/.exec(printed)?.[1]);
    expect(items.filter((item) => !known(Number.POSITIVE_INFINITY).includes(item))).toEqual([]);
    expect(known(version).filter((item) => !items.includes(item))).toEqual([]);
  });

  afterAll(async () => {
    await lab.sh('rm -f /run/systemd/system/directives*.service; systemctl daemon-reload');
  });

  test(`reads back ${UNITS} hostile units as they were given, and nothing else (SEED=${seed})`, async () => {
    const { samples, files } = hostileUnits(UNITS);
    expectUnits(samples, await dumpOnHost(files));
  });

  test(`says on the bus of ${UNITS_ON_THE_BUS} hostile units what was given, and nothing else (SEED=${seed})`, async () => {
    const samples = [PLAIN_UNIT, ...hostile.sample(unitSample, UNITS_ON_THE_BUS)];
    const texts = samples.map((sample) => writeUnit(unitOf(sample)));
    const files = texts.map((text, index) => [`${name(index)}.service`, text]);
    await lab.run(['tar', '-x', '-C', '/run/systemd/system', '--no-overwrite-dir'], pack(Object.fromEntries(files)));
    const [plain, ...all] = await propertiesOf(samples.map((_, index) => name(index)));
    all.forEach((properties, index) => {
      const sample = samples[index + 1] ?? PLAIN_UNIT;
      const wanted = propertiesExpected(sample);
      const where = { seed: hostile.seed, text: texts[index + 1] };
      expect({ ...where, values: pick(properties, Object.keys(wanted)) }).toEqual({ ...where, values: wanted });
      const rest = restOf(properties, Object.keys(wanted));
      expect({ ...where, rest }).toEqual({ ...where, rest: restOf(plain ?? {}, Object.keys(wanted)) });
    });
  });
});

const machineSample = fc.record({
  Parameters: fc.array(hostile.line, { maxLength: 5 }),
  Environment: fc.dictionary(
    hostile.name.map((name) => `T_${name}`),
    hostile.line,
    { minKeys: 1, maxKeys: 3 },
  ),
  source: hostile.line.map((text) => `x${text.replaceAll('/', '')}x`),
  target: hostile.line.map((text) => `/mnt/x${text.replaceAll('/', '')}x`),
});

describeHost('systemd-nspawn', () => {
  const folder = '/run/directives';
  const WORKERS = 4;
  const init = 'cat /proc/$$/cmdline; echo; cat /proc/$$/environ; echo; cat /proc/self/mountinfo';

  afterAll(async () => {
    await lab.sh('rm -rf "$1" /run/systemd/nspawn/directives*.nspawn', folder);
  });

  test(`starts ${MACHINES} machines with hostile settings as they were given (SEED=${seed})`, async () => {
    const samples = hostile.sample(machineSample, MACHINES);
    const texts = samples.map(({ Parameters, Environment, source, target }) =>
      writeNspawn({
        Exec: { Boot: false, Parameters: ['/bin/sh', '-c', init, 'sh', ...Parameters], Environment },
        Files: { Bind: tuple(`${folder}/source/${source}`, target) },
      }),
    );
    const files = samples.flatMap(({ source }, index) => [
      [`settings/directives${index}.nspawn`, texts[index] ?? ''],
      [`source/${source}/file`, ''],
    ]);
    const printed = await start(Object.fromEntries(files));
    for (const [index, sample] of samples.entries()) {
      const output = printed[index] ?? '';
      const where = { seed, text: texts[index], ...(output.startsWith('/bin/sh') ? {} : { output }) };
      const [argv = '', environ = '', ...mounts] = output.split('\n');
      expect({ ...where, argv: argv.split('\0').slice(4, -1) }).toEqual({ ...where, argv: sample.Parameters });
      const own = environ.split('\0').filter((variable) => variable.startsWith('T_'));
      expect({ ...where, own: own.sort() }).toEqual({ ...where, own: variables(sample.Environment).sort() });
      const bound = mounts
        .map((line) => line.split(' ').slice(3, 5).map(unescapeMount))
        .filter(([, target]) => target?.startsWith('/mnt/'));
      expect({ ...where, bound }).toEqual({
        ...where,
        bound: [[`/directives/source/${sample.source}`, sample.target]],
      });
    }
  });

  /** Starts a machine per settings file, some at a time, and returns what each prints and complains about. */
  async function start(files: Files): Promise<string[]> {
    // One directory is the root of one machine at a time. Filters of system calls would take most of the time.
    const script = `export SYSTEMD_SECCOMP=0
      mkdir -p "$1/printed" /run/systemd/nspawn
      tar -x -C "$1"
      mv "$1"/settings/*.nspawn /run/systemd/nspawn
      work() {
        root="$1/root$3"
        mkdir -p "$root/bin" "$root/mnt" "$root/etc" "$root/usr"
        touch "$root/etc/os-release"
        cp "$(command -v busybox)" "$root/bin/busybox"
        for applet in sh cat; do ln -sf busybox "$root/bin/$applet"; done
        for index in $(seq "$3" ${WORKERS} $(($2 - 1))); do
          # On a busy host, what the machine before has left may be in the way for a moment.
          for attempt in 1 2 3; do
            ! systemd-nspawn -q --register=no --keep-unit --pipe --settings=yes --machine="directives$index" -D "$root" \\
              </dev/null >"$1/printed/$index" 2>&1 || break
          done
        done
      }
      for worker in $(seq 0 ${WORKERS - 1}); do work "$1" "$2" "$worker" & done
      wait
      for index in $(seq 0 $(($2 - 1))); do base64 -w 0 "$1/printed/$index"; echo; done`;
    const argv = ['sh', '-euc', script, 'sh', folder, String(MACHINES)];
    const { exitCode, stdout, stderr } = await lab.run(argv, pack(files));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return stdout
      .toString()
      .split('\n')
      .map((line) => Buffer.from(line, 'base64').toString());
  }

  /** Undoes what the kernel does to blanks and backslashes. */
  function unescapeMount(text: string): string {
    return text.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));
  }
});
