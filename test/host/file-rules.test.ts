import { isDeepStrictEqual } from 'node:util';
import { type Format, readDirectives, writeFile } from '../../lib/directives';
import { RULE_SAMPLES, type RuleSample } from '../directives/support/file-rules';
import { describeHost, lab } from './host';
import { pack } from './host-manager';

/** A file of a sample, under a name of its own. */
interface Probe {
  readonly name: string;
  readonly sample: RuleSample;
  readonly file: object;
  readonly expected: 'refused' | 'accepted';
}

function probesOf(format: Format): Probe[] {
  const samples = RULE_SAMPLES.filter((sample) => sample.format === format && sample.podman === undefined);
  return samples.flatMap((sample, index) =>
    (['refused', 'accepted'] as const).map((expected) => ({
      name: `file-rule-${index}-${expected}`,
      sample,
      file: sample[expected],
      expected,
    })),
  );
}

/** What the samples are of which the host says something else. */
const differences = (probes: readonly Probe[], isRefused: (probe: Probe) => boolean) =>
  probes
    .filter((probe) => isRefused(probe) !== (probe.expected === 'refused'))
    .map(({ file, sample: { key }, expected }) => ({ key, file, expected }));

/** Unpacks the files of standard input, runs a script with their directory, and removes it. */
async function look(files: Readonly<Record<string, string>>, script: string): Promise<string> {
  const whole = `folder="$(mktemp -d /run/file-rules-XXXXXX)"
    trap 'rm -rf "$folder"' EXIT
    tar -x -C "$folder"
    chmod -R go+rX "$folder"
    ${script}`;
  const { exitCode, stdout, stderr } = await lab.run(['sh', '-euc', whole], pack(files));
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout.toString();
}

/** What the manager knows of units, and what its reader says of them. Timers that it takes are started. */
const LOOK_AT_UNITS = `
  cd "$folder/units"
  units=$(ls | grep -v '@\\.')
  timers=$(ls | grep '\\.timer$' || :)
  take_away() {
    [ -z "$timers" ] || systemctl -q stop $timers 2>/dev/null || :
    for file in *; do rm -f "/run/systemd/system/$file"; done
    systemctl daemon-reload
    rm -rf "$folder"
  }
  trap take_away EXIT
  cp * /run/systemd/system
  systemctl daemon-reload
  [ -z "$timers" ] || systemctl start $timers 2>/dev/null || :
  systemctl show -p Id,LoadState,SubState $units
  echo ==
  systemd-analyze verify --man=no --recursive-errors=no $units 2>&1 || :`;

class Units {
  private constructor(
    private readonly states: ReadonlyMap<string, string>,
    private readonly said: readonly string[],
  ) {}

  static async of(units: Readonly<Record<string, string>>): Promise<Units> {
    const files = Object.entries(units).map(([name, text]) => [`units/${name}`, text]);
    const [shown = '', said = ''] = (await look(Object.fromEntries(files), LOOK_AT_UNITS)).split('==\n');
    const states = shown.split('\n\n').map((block) => [/^Id=(.*)$/m.exec(block)?.[1] ?? '', block] as const);
    return new Units(new Map(states), said.split('\n'));
  }

  /** Whether the manager refuses a unit, drops something of it, or never starts what a timer is for. */
  isRefused(unit: string): boolean {
    const state = this.states.get(unit);
    if (state === undefined) throw new Error(`${unit} was not looked at`);
    const said = this.said.filter((line) => line.startsWith(`${unit}:`));
    return !/LoadState=loaded/.test(state) || /SubState=elapsed/.test(state) || said.some((line) => IGNORED.test(line));
  }
}

const IGNORED = /Refusing\.$|Ignoring\.$/;

/** Without effect according to systemd.timer(5), of which the manager says nothing. */
const SILENT = /^Timer\.(?:Persistent|DeferReactivation|FixedRandomDelay)$/;
/** Podman can't be run so according to podman-systemd.unit(5), of which Quadlet says nothing. */
const UNSUPPORTED = /^Service\.(?:User|Group|DynamicUser)$/;

describeHost('rules about files as a whole', () => {
  test('are those of the service manager', async () => {
    const probes = probesOf('unit').filter(({ sample }) => !SILENT.test(sample.key));
    const unitOf = ({ name, file }: Probe) => {
      const [type = ''] = Object.keys(file);
      // The names of these are paths.
      const own = /Mount|Swap/.test(type) ? name.replaceAll('-', '') : name;
      return { own, unit: `${own}.${type.toLowerCase()}` };
    };
    const program = '[Service]\nType=oneshot\nExecStart=/bin/true\n';
    const files = probes.flatMap((probe) => {
      const { own, unit } = unitOf(probe);
      const text = writeFile('unit', probe.file).text.replaceAll('/RULE', `/${own}`);
      const started = unit.endsWith('.service')
        ? []
        : [`${own}.service`, `${own}@.service`].map((name) => [name, program]);
      return [[unit, text], ...started];
    });
    const units = await Units.of(Object.fromEntries(files));
    expect(differences(probes, (probe) => units.isRefused(unitOf(probe).unit))).toEqual([]);
    expect(probes.length).toBeGreaterThan(60);
  });

  test('are those of systemd-networkd', async () => {
    const probes = probesOf('network');
    const files = probes.map(({ name, file }) => [
      `${name}.network`,
      writeFile('network', { Match: { Name: 'nothing' }, ...file }).text,
    ]);
    const said = await look(
      Object.fromEntries(files),
      `unit="file-rules-$$"
      systemd-run -q --collect --unit="$unit" --service-type=notify -p TimeoutStartSec=5min -p PrivateNetwork=yes \\
        -p TemporaryFileSystem='/run/dbus /run/systemd/netif:mode=777' -p InaccessiblePaths=/usr/lib/systemd/network \\
        -p BindReadOnlyPaths="$folder":/etc/systemd/network -p StandardError=file:"$folder/said" \\
        -E SYSTEMD_LOG_TARGET=console -E SYSTEMD_LOG_LEVEL=debug /usr/lib/systemd/systemd-networkd
      systemctl stop "$unit"
      grep /etc/systemd/network/ "$folder/said"`,
    );
    const lines = said.split('\n');
    const of = ({ name }: Probe) => lines.filter((line) => line.includes(`/${name}.network`));
    expect(probes.filter((probe) => !of(probe).some((line) => line.endsWith('Successfully loaded.')))).toEqual([]);
    expect(differences(probes, (probe) => of(probe).some((line) => /Ignoring \[/.test(line)))).toEqual([]);
  });

  test('are those of Quadlet, and of the service manager about what it makes', async () => {
    const probes = probesOf('quadlet').filter(({ sample }) => !UNSUPPORTED.test(sample.key));
    const groupOf = ({ file }: Probe) => Object.keys(file).find((section) => section !== 'Service') ?? '';
    // A key has no effect where the unit is the same without it.
    const lackingOf = ({ name, file, expected, sample }: Probe) => {
      const [section = ''] = sample.key.split('.');
      const keys = Object.keys((file as Sections)[section] ?? {});
      return expected === 'refused'
        ? keys.map((key) => [`${name}-no-${key}`, leaveOut(file as Sections, section, key)] as const)
        : [];
    };
    const files = probes.flatMap((probe) =>
      [[probe.name, probe.file] as const, ...lackingOf(probe)].map(([name, file]) => [
        `${name}/x.${groupOf(probe).toLowerCase()}`,
        writeFile('quadlet', file).text,
      ]),
    );
    const printed = await look(
      Object.fromEntries(files),
      `cd "$folder"
      for name in *; do
        mkdir "$name/out"
        QUADLET_UNIT_DIRS="$PWD/$name" /usr/libexec/podman/quadlet -no-kmsg-log "$name/out" "$name/out" "$name/out" 2>/dev/null || :
        printf '\\0%s\\n' "$name"
        cat "$name/out/"*.service 2>/dev/null | grep -v ^SourcePath= || :
      done`,
    );
    const made = new Map(
      printed.split('\0').map((unit) => [unit.slice(0, unit.indexOf('\n')), unit.slice(unit.indexOf('\n') + 1)]),
    );
    const textOf = (name: string) => (made.get(name) ?? '').replaceAll(/^\[X-.*?\n(?=\[|$)/gms, '');
    const loaded = probes
      .filter(({ name }) => textOf(name) !== '')
      .map(({ name }) => [`${name}.service`, textOf(name)]);
    const units = await Units.of(Object.fromEntries(loaded));
    const hasLost = (probe: Probe) => {
      const meaning = meaningOf(textOf(probe.name));
      const others = lackingOf(probe).map(([name]) => textOf(name));
      return others.some((other) => other !== '' && isDeepStrictEqual(meaningOf(other), meaning));
    };
    expect(
      differences(
        probes,
        (probe) => textOf(probe.name) === '' || units.isRefused(`${probe.name}.service`) || hasLost(probe),
      ),
    ).toEqual([]);
    expect(probes.length).toBeGreaterThan(150);
  });

  test('are those of systemd-nspawn', async () => {
    const probes = probesOf('nspawn');
    const files = probes.map(({ name, file }) => {
      const exec = { ...(file as { Exec: object }).Exec, PrivateUsers: false };
      return [`${name}.nspawn`, writeFile('nspawn', { Exec: exec, Files: { BindReadOnly: '/usr' } }).text];
    });
    const printed = await look(
      Object.fromEntries(files),
      `root="$folder/root"
      mkdir -p "$root" /run/systemd/nspawn
      (cd "$root"; mkdir dev etc proc root run sys tmp usr var; cp /usr/lib/os-release /etc/passwd /etc/group etc
        for name in bin lib lib64 sbin; do ln -s "usr/$name" "$name"; done)
      for file in "$folder"/*.nspawn; do
        name=$(basename "$file" .nspawn)
        cp "$file" /run/systemd/nspawn
        printf '\\0%s\\n' "$name"
        # One that boots has no end of its own.
        timeout -s KILL 10 systemd-nspawn -D "$root" -M "$name" --settings=yes --register=no --keep-unit --pipe </dev/null 2>&1 || :
        rm "/run/systemd/nspawn/$name.nspawn"
      done`,
    );
    const said = (name: string) => printed.split('\0').find((text) => text.startsWith(`${name}\n`)) ?? '';
    const hasRun = ({ name }: Probe) => said(name).split('\n').includes('said') && !/Ignoring\.$/m.test(said(name));
    expect(differences(probes, (probe) => !hasRun(probe))).toEqual([]);
  });
});

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const leaveOut = (file: Sections, section: string, key: string): object => ({
  ...file,
  [section]: { ...file[section], [key]: undefined },
});

/** The values of a unit that count. Of booleans and lists in Delegate=, which have no common form, the last. */
const meaningOf = (text: string) =>
  readDirectives('unit', text.replace(/^Delegate=[^\n]*\n(?=.*^Delegate=)/ms, '')).sections;
