import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type ApplyError,
  type ApplyResult,
  apply,
  impactsOf,
  observe,
  planRemoval,
  planService,
} from '../../lib/engine';
import type { Manifest } from '../../lib/manifest';
import { Counting } from './counting';
import { whileHeld } from './cut-off';
import { describeHost, host, inventory, lab } from './host';

/** A service of one unit file that only sleeps. */
function sleeper(name: string, lines: readonly string[] = []): Manifest {
  const unit = `/etc/systemd/system/${name}.service`;
  const content = `[Service]\nType=exec\nExecStart=/usr/bin/sleep infinity\n${lines.join('\n')}\n[Install]\nWantedBy=multi-user.target\n`;
  return {
    name,
    stack: 'engine-test',
    path: `engine-test/host/${name}`,
    runtime: 'systemd',
    files: { [unit]: { content, mode: '0644', owner: 'root', group: 'root' } },
    objects: {},
    units: { [`${name}.service`]: { state: 'active', settle: '1', enabled: true, restartOn: [unit] } },
  };
}

const noAssets = { asset: (sha256: string): string => fail(`no asset ${sha256}`) };
const fail = (message: string): never => {
  throw new Error(message);
};
const applyAll = (manifests: readonly Manifest[], remove: readonly string[] = []): Promise<ApplyResult> =>
  apply(host(), { manifests, remove }, noAssets);
const planned = async (manifests: readonly Manifest[]) => {
  const state = await observe(host(), { services: [], manifests });
  return manifests.map((manifest) => planService(state, manifest));
};
const planAll = async (manifests: readonly Manifest[]) =>
  (await planned(manifests)).flatMap(({ steps }) => steps.map(({ verb, key }) => `${verb} ${key}`));
const errorOf = async (manifests: readonly Manifest[]): Promise<ApplyError | undefined> =>
  [...(await applyAll(manifests)).values()].find((error) => error);
const show = (unit: string, property: string) => lab.sh('systemctl show -P "$2" "$1"', unit, property);

describeHost('engine', () => {
  afterEach(async () => {
    const { records } = await observe(host(), { services: 'all' });
    const mine = [...records.values()].filter(({ manifest }) => manifest.stack === 'engine-test');
    await applyAll(
      [],
      mine.map(({ manifest }) => manifest.name),
    );
  });

  test('what is applied runs, a second plan is empty, and removal leaves the host as it was', async () => {
    const before = await inventory();
    const services = [sleeper('e-one'), sleeper('e-two')];
    expect([...(await applyAll(services)).values()]).toEqual([undefined, undefined]);
    expect(await planAll(services)).toEqual([]);
    expect((await show('e-one.service', 'ActiveState')).trim()).toBe('active');
    await applyAll([], ['e-one', 'e-two']);
    const state = await observe(host(), { services: ['e-one'], manifests: [] });
    expect(planRemoval(state, 'e-one').steps).toEqual([]);
    expect(await inventory()).toBe(before);
  });

  test('of a hundred services that are applied, one that changes restarts alone, and each apply reloads systemd once', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `e-many-${index}`);
    const withColor = (color: string) =>
      names.map((name) => sleeper(name, name === 'e-many-42' ? [`Environment=COLOR=${color}`] : []));
    const reloads = async () =>
      Number(await lab.sh('journalctl --no-pager -q -o cat _PID=1 | grep -c "Reloading\\.\\.\\." || true'));
    const invocations = async () => {
      const units = names.map((name) => `${name}.service`);
      return (await lab.sh('for unit; do systemctl show -P InvocationID "$unit"; done', ...units)).trim().split('\n');
    };
    const start = await reloads();
    await applyAll(withColor('red'));
    expect((await reloads()) - start).toBe(1);
    const before = await invocations();

    const [impact, ...others] = (await planned(withColor('green'))).flatMap(impactsOf);
    expect(others).toEqual([]);
    expect(impact).toMatchObject({ kind: 'restart', key: 'e-many-42.service' });
    await applyAll(withColor('green'));
    expect((await reloads()) - start).toBe(2);
    const after = await invocations();
    expect(names.filter((_, index) => after[index] !== before[index])).toEqual(['e-many-42']);
    expect(await show('e-many-42.service', 'Environment')).toBe('COLOR=green\n');
  });

  test('fourteen services take as many round trips as one, in a plan and in an apply', async () => {
    const trips = async (change: (counting: Counting) => Promise<unknown>) => {
      const counting = new Counting(host());
      await change(counting);
      return counting.commands;
    };
    const applying = (manifests: readonly Manifest[]) =>
      trips((counting) => apply(counting, { manifests, remove: [] }, noAssets));
    const [one = sleeper(''), ...others] = Array.from({ length: 14 }, (_, index) => sleeper(`e-trip-${index}`));
    expect(await trips((counting) => observe(counting, { services: 'all', manifests: [one, ...others] }))).toBe(1);
    // The host is looked at, changed with a look at the end, and its records are written.
    expect(await applying([one])).toBe(3);
    expect(await applying(others)).toBe(3);
    expect(await applying([one, ...others])).toBe(1);
  });

  test('what systemd takes over without a restart is applied without one', async () => {
    await applyAll([sleeper('e-live')]);
    const before = await show('e-live.service', 'InvocationID');
    const changed = sleeper('e-live', ['Restart=always', 'TimeoutStopSec=7', '[Unit]', 'Description=new words']);
    expect((await planned([changed])).flatMap(impactsOf).map(({ kind }) => kind)).toEqual(['reload']);
    await applyAll([changed]);
    expect(await show('e-live.service', 'InvocationID')).toBe(before);
    expect(await lab.sh('systemctl show -P Description e-live')).toBe('new words\n');
    expect(await show('e-live.service', 'Restart')).toBe('always\n');
    expect(await planAll([changed])).toEqual([]);
  });

  test('a unit that another one is to start no longer starts with the first', async () => {
    const withTarget = (target: string) => {
      const service = sleeper('e-wanted');
      const [[path, file] = []] = Object.entries(service.files);
      const content = file?.content?.replace('multi-user.target', target);
      return { ...service, files: { [String(path)]: { ...file, content } } } as Manifest;
    };
    // systemd tells of links to a target only while it has loaded the target.
    await lab.sh('systemctl start network-online.target');
    await applyAll([withTarget('multi-user.target')]);
    const before = await show('e-wanted.service', 'InvocationID');
    await applyAll([withTarget('network-online.target')]);
    expect(await show('e-wanted.service', 'WantedBy')).toBe('network-online.target\n');
    expect(await show('e-wanted.service', 'InvocationID')).toBe(before);
    await applyAll([], ['e-wanted']);
    expect(await lab.sh('find /etc/systemd -name "e-wanted*"')).toBe('');
  });

  test('a service is restarted as often as it changes, whatever its start limit', async () => {
    await applyAll([sleeper('e-often')]);
    await lab.sh('for _ in 1 2 3 4; do systemctl restart e-often; done');
    expect(await errorOf([sleeper('e-often', ['Nice=5'])])).toBeUndefined();
    expect(await planAll([sleeper('e-often', ['Nice=5'])])).toEqual([]);
  });

  test('a service that exits at once fails with its last log lines, and the others are applied', async () => {
    const broken = sleeper('e-broken', ['ExecStart=', 'ExecStart=/bin/sh -c "echo no database here; exit 3"']);
    const result = await applyAll([broken, sleeper('e-fine')]);
    expect(result.get('e-fine')).toBeUndefined();
    const error = result.get('e-broken');
    expect(error?.shortMessage).toMatch(
      /^Cannot start e-broken.service on .*: it ended with exit code 3, expected it to stay up: no database here \(at engine-test/,
    );
    expect(error?.detail).toContain('no database here');
    expect(await planAll([broken])).not.toEqual([]);
  });

  test('a foreign file is not touched, and adopt takes it over', async () => {
    const path = '/etc/systemd/system/e-foreign.service';
    await lab.sh('printf "[Service]\\nExecStart=/bin/true\\n" > "$1"', path);
    try {
      const foreign = sleeper('e-foreign');
      expect((await errorOf([foreign]))?.shortMessage).toContain('a file that Bulkhead did not create is in its place');
      expect(await lab.sh('cat "$1"', path)).toContain('/bin/true');
      expect(await errorOf([{ ...foreign, adopt: true }])).toBeUndefined();
      expect(await lab.sh('cat "$1"', path)).toContain('sleep infinity');
    } finally {
      await lab.sh('rm -f "$1"', path);
    }
  });

  test('a damaged record stops its own service alone, and adopt is the way out', async () => {
    const [damaged, fine] = [sleeper('e-damaged'), sleeper('e-fine')];
    await applyAll([damaged]);
    const before = await show('e-damaged.service', 'InvocationID');
    await lab.sh('truncate -s 100 /var/lib/bulkhead/services/e-damaged');
    const result = await applyAll([damaged, fine]);
    expect(result.get('e-damaged')?.message).toMatch(
      /^Cannot read the record of e-damaged on .*: \/var\/lib\/bulkhead\/services\/e-damaged is damaged.*\n {2}do: .*adopt: true/,
    );
    expect(result.get('e-fine')).toBeUndefined();
    expect((await applyAll([], ['e-damaged'])).get('e-damaged')?.shortMessage).toContain('is damaged');
    await lab.sh('rm /var/lib/bulkhead/services/e-damaged');
    expect(await errorOf([{ ...damaged, adopt: true }])).toBeUndefined();
    expect(await show('e-damaged.service', 'InvocationID')).toBe(before);
  });

  test('a load that fails leaves nothing, and what a killed one has left goes with the next apply or its service', async () => {
    const root = '/var/lib/machines/e-root';
    // Not an archive.
    const asset = createHash('sha256').update(readFileSync(__filename)).digest('hex');
    const objects = {
      [`image-root:${asset}`]: { asset, spec: { format: 'tar' } },
      [`machine-root:${root}`]: { spec: { image: asset } },
    };
    const broken = { manifests: [{ ...sleeper('e-root'), objects }, sleeper('e-next')], remove: [] };
    const result = await apply(host(), broken, { asset: () => __filename });
    expect(result.get('e-root')?.shortMessage).toContain(`Cannot load ${asset}`);
    expect(result.get('e-next')).toBeUndefined();
    await lab.sh('test ! -e /var/lib/machines/.e-root.bulkhead-new');
    // As after a loss of power.
    await lab.sh('mkdir -p /var/lib/bulkhead/load/abc /var/lib/machines/.e-root.bulkhead-new/root');
    await applyAll([sleeper('e-later')]);
    await lab.sh('test ! -e /var/lib/bulkhead/load');
    expect((await applyAll([], ['e-root'])).get('e-root')).toBeUndefined();
    await lab.sh('test ! -e /var/lib/machines/.e-root.bulkhead-new');
  });

  test('a unit of the distribution is not shadowed', async () => {
    expect((await errorOf([sleeper('ssh')]))?.shortMessage).toContain('a unit of that name already exists');
    await lab.sh('test ! -e /etc/systemd/system/ssh.service -o -L /etc/systemd/system/ssh.service');
  });

  test('directories that had to be made go when they are empty, others stay', async () => {
    const service = sleeper('e-dirs');
    const file = { content: 'x', mode: '0640', owner: 'root', group: 'adm' };
    const files = { ...service.files, '/etc/e-made/deep/file': file, '/etc/e-there/file': file };
    await lab.sh('mkdir -p /etc/e-there');
    await applyAll([{ ...service, files }]);
    expect((await lab.sh('stat -c "%a %U %G" /etc/e-made/deep/file')).trim()).toBe('640 root adm');
    await applyAll([], ['e-dirs']);
    expect((await lab.sh('ls -d /etc/e-* && rmdir /etc/e-there')).trim()).toBe('/etc/e-there');
  });

  test('a file for an owner that the host lacks is not written, and the others are applied', async () => {
    const service = sleeper('e-owned');
    const file = { content: 'x', mode: '0640', owner: 'e-nobody', group: 'root' };
    const files = { ...service.files, '/etc/e-owned': file };
    const result = await applyAll([{ ...service, files }, sleeper('e-fine')]);
    expect(result.get('e-owned')?.shortMessage).toContain('the host has no user "e-nobody"');
    expect(result.get('e-fine')).toBeUndefined();
    await lab.sh('test ! -e /etc/e-owned');
  });

  test('two applies at once wait for each other', async () => {
    const results = await Promise.all([applyAll([sleeper('e-a')]), applyAll([sleeper('e-b')])]);
    expect(results.flatMap((result) => [...result.values()])).toEqual([undefined, undefined]);
    expect(await planAll([sleeper('e-a'), sleeper('e-b')])).toEqual([]);
  });

  test('what a first apply makes during a first look is not taken for what somebody else has made', async () => {
    const service = sleeper('e-first');
    await whileHeld('nproc', '', async ({ reached, goOn }) => {
      const looking = observe(host(), { services: 'all', manifests: [service] });
      await reached();
      // The apply looks, too, and is not held.
      await lab.sh('rm /usr/local/bin/nproc');
      expect(await errorOf([service])).toBeUndefined();
      await goOn();
      const { obstacles, steps } = planService(await looking, service);
      expect({ obstacles, steps }).toEqual({ obstacles: [], steps: [] });
    });
  });

  test('looking changes nothing on the host', async () => {
    await applyAll([sleeper('e-look')]);
    const snapshot = () => lab.sh('find /etc /var/lib/bulkhead /run/systemd/system -printf "%p %C@\\n" | sort');
    const before = await snapshot();
    await observe(host(), { services: 'all', manifests: [sleeper('e-look'), sleeper('e-new')] });
    expect(await snapshot()).toBe(before);
  });
});
