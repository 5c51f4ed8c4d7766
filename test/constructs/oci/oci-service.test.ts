import { join } from 'node:path';
import { ConfigFile, Image, OciService, type OciServiceProps, SystemdSlice } from 'bulkhead';
import { userRange } from '../../../lib/constructs/props/user-range';
import { writeOciArchive } from '../oci-image';
import { host, problemsOf, section, temporaryDirectory, textOf } from '../testing';

const UNIT = '/etc/systemd/system/web.service';
const SPEC = '/etc/bulkhead/oci/web/config.json';

function archive(config: object = { Cmd: ['/bin/web'] }): Image {
  const path = join(temporaryDirectory(), 'web.oci.tar');
  writeOciArchive(path, config);
  return Image.ociArchive(path);
}

const make = (props: Partial<OciServiceProps> = {}, scope = host(), id = 'web') =>
  new OciService(scope, id, { image: archive(), ...props });
const specOf = (service: OciService) => JSON.parse(textOf(service, SPEC));
const unitOf = (props: Partial<OciServiceProps> = {}) => section(textOf(make(props), UNIT), 'Service');
const rangeOf = (service: OciService) => service.claims.find(({ claim }) => claim.startsWith('uids '))?.claim;

test('a service is its unit, its config.json, the shared root of its image and its network', () => {
  const { files, objects, units } = make().manifest;
  expect(Object.keys(files)).toEqual(expect.arrayContaining([UNIT, SPEC]));
  const root = Object.keys(objects).find((key) => /^image-root:[0-9a-f]{64}$/.test(key));
  expect(root).toBeDefined();
  expect(units['web.service']).toMatchObject({ state: 'active', enabled: true, restartOn: [UNIT, SPEC, root] });
});

test('hostname, resource limits and groups are in its config.json', () => {
  const spec = specOf(make({ hostname: 'web.example.org', ulimits: { nofile: { soft: 1, hard: 2 }, core: 0 } }));
  expect(spec.hostname).toBe('web.example.org');
  expect(spec.process.rlimits).toEqual([
    { type: 'RLIMIT_NOFILE', soft: 1, hard: 2 },
    { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
  ]);
  expect(specOf(make()).process.rlimits).toBeUndefined();
  const image = archive({ Cmd: ['/bin/web'], User: '5:6' });
  expect(specOf(make({ image, groups: ['27'] })).process.user).toEqual({ uid: 5, gid: 6, additionalGids: [27] });
  expect(specOf(make({ user: '7', groups: ['27', 'root', '27'] })).process.user).toEqual({
    uid: 7,
    gid: 7,
    additionalGids: [27, 0],
  });
});

test('its directories in memory come before its volumes, and shared memory has its size', () => {
  type Mount = { readonly destination: string; readonly options: readonly string[] };
  const mounts: Mount[] = specOf(
    make({ tmpfs: ['/cache:size=1m,mode=1770', '/x'], shmSize: '256M', volumes: ['/srv/a:/cache/a'] }),
  ).mounts;
  const optionsOf = (path: string) => mounts.find(({ destination }) => destination === path)?.options;
  const places = mounts.map(({ destination }) => destination);
  expect(optionsOf('/cache')).toEqual(['nosuid', 'nodev', 'size=1m', 'mode=1770']);
  expect(optionsOf('/x')).toEqual(['nosuid', 'nodev']);
  expect(optionsOf('/dev/shm')).toEqual(['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=268435456']);
  expect(places.indexOf('/cache')).toBeLessThan(places.indexOf('/cache/a'));
  expect(places).toHaveLength(new Set(places).size);
});

test.each<[Partial<OciServiceProps>, string]>([
  [
    { ulimits: { memlock: -1 } },
    'config.json has no number for "no limit", expected a number such as 65536 (at shop/host/web.ulimits.memlock)',
  ],
  [
    { groups: ['nobody-has-it'] },
    'Cannot add to group "nobody-has-it": the image has no such group, expected a number such as "27" (at shop/host/web.groups[0])',
  ],
  [
    { image: Image.oci('docker.io/library/caddy:2'), command: ['/x'], user: '0', groups: ['adm'] },
    'names are not known until the host has pulled the image',
  ],
  [
    { hostname: 'a', directives: { config: { hostname: 'b' } } },
    'Cannot set hostname in directives.config: already set by hostname',
  ],
  [
    { tmpfs: ['/a'], directives: { config: { mounts: [] } } },
    'Cannot set mounts in directives.config: already set by tmpfs',
  ],
  [{ shmSize: 1, directives: { config: { mounts: [] } } }, 'already set by shmSize'],
  [{ groups: ['1'], directives: { process: { user: { uid: 1, gid: 1 } } } }, 'already set by groups'],
  [{ ulimits: { core: 1 }, directives: { process: { rlimits: [] } } }, 'already set by ulimits'],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('crun leaves the container in the control group of the unit, so that the limits of the unit bind it', () => {
  const unit = unitOf({ memory: '64M', cpu: 0.5, tasks: 20 });
  expect(unit).toEqual(
    expect.arrayContaining([
      'ExecStart=crun --root /run/bulkhead-oci/web/state --cgroup-manager=disabled run --bundle /etc/bulkhead/oci/web web',
      'Delegate=yes',
      'DevicePolicy=closed',
      'MemoryMax=64M',
      'CPUQuota=50%',
      'TasksMax=20',
    ]),
  );
  expect(specOf(make({ memory: '64M' })).linux.resources).toEqual({});
});

test('runc makes a control group inside of that of the unit, also in a slice', () => {
  const linux = (props: Partial<OciServiceProps>, scope = host()) =>
    specOf(make({ runtime: 'runc', ...props }, scope)).linux;
  expect(linux({}).cgroupsPath).toBe('/system.slice/web.service/container');
  const scope = host();
  const slice = new SystemdSlice(scope, 'shop-web', {});
  expect(linux({ slice }, scope).cgroupsPath).toBe('/shop.slice/shop-web.slice/web.service/container');
  expect(unitOf({ runtime: 'runc' })).toContain(
    'ExecStart=runc --root /run/bulkhead-oci/web/state run --bundle /etc/bulkhead/oci/web web',
  );
});

test('its users are a range of the host that is its own, of no machine of systemd and of no other user', () => {
  const service = make();
  const { linux } = specOf(service);
  const [map] = linux.uidMappings;
  expect(linux.uidMappings).toEqual([{ containerID: 0, hostID: expect.any(Number), size: 65536 }]);
  expect(linux.gidMappings).toEqual(linux.uidMappings);
  expect(linux.namespaces).toContainEqual({ type: 'user' });
  expect(map.hostID).toBeGreaterThan(1_879_048_191);
  expect(map.hostID + 65_536).toBeLessThanOrEqual(2_147_352_576);
  expect(rangeOf(service)).toBe(`uids ${map.hostID}-${map.hostID + 65_535}`);
  expect(service.manifest.claims).toContain(rangeOf(service));
  expect(textOf(service, UNIT)).toContain(` 0:${map.hostID}:65536 ${map.hostID} crun web\n`);
});

test('a range follows from the name, and no two services of a host have one', () => {
  const [one, same] = [make(), make()];
  expect(rangeOf(one)).toBe(rangeOf(same));
  const scope = host();
  const firsts = Array.from({ length: 1000 }, (_, index) => userRange(scope, `web-${index}`));
  expect(new Set(firsts).size).toBe(1000);
});

test('a range of two services is refused at synthesis', () => {
  const scope = host();
  make({ privateUsers: 200_000 }, scope);
  make({ privateUsers: 260_000 }, scope, 'other');
  expect(problemsOf(scope.node.root)).toEqual([expect.stringContaining('another value of the privateUsers prop')]);
});

test('without users of its own it has no range, and sees a file system of its own in /sys', () => {
  const service = make({ privateUsers: false });
  const { linux, mounts } = specOf(service);
  expect(linux.uidMappings).toBeUndefined();
  expect(rangeOf(service)).toBeUndefined();
  const sys = (spec: { mounts: { destination: string }[] }) =>
    spec.mounts.find(({ destination }) => destination === '/sys');
  expect(sys({ mounts })).toMatchObject({ type: 'sysfs' });
  expect(sys(specOf(make()))).toMatchObject({ type: 'bind', options: expect.arrayContaining(['rprivate', 'ro']) });
});

test('owners of volumes are mapped by mounts of the unit, but those of files that constructs made', () => {
  const scope = host();
  const source = new ConfigFile(scope, 'page', { path: '/etc/page', content: 'x' });
  const service = make({ volumes: [{ source, target: '/page' }, '/srv/a b:/data:ro'] as never }, scope);
  const sources = specOf(service)
    .mounts.slice(-4)
    .map((mount: { source: string }) => mount.source);
  expect(sources).toEqual([
    '/etc/page',
    '/run/bulkhead-oci/web/mounts/volumes/0',
    '/run/bulkhead/network/web/hosts',
    '/run/bulkhead/network/shop-host/resolv.conf',
  ]);
  expect(textOf(service, UNIT)).toMatch(/ "\/srv\/a b"\n/);
});

test('what it writes to a root that is not read-only takes space below /var/lib', () => {
  const unit = (props: Partial<OciServiceProps>) => textOf(make(props), UNIT);
  expect(unit({})).toContain(' /run/bulkhead-oci/web /run/bulkhead-oci/web/written ');
  expect(unit({ readOnlyRoot: false })).toContain(' /run/bulkhead-oci/web /var/lib/bulkhead/oci-web ');
});

test.each<[string, Partial<OciServiceProps>, string]>([
  [
    'another runtime',
    { runtime: 'youki' as never },
    'Cannot run with "youki": is unknown, expected crun or runc (at shop/host/web.runtime)',
  ],
  ['a range that is the users of the host', { privateUsers: 0 }, 'Cannot map users to 0'],
  ['a range beyond all numbers', { privateUsers: 2 ** 32 }, 'is not the first number of a range'],
  [
    'limits in config.json',
    { directives: { linux: { resources: {} } } },
    'the container is in the control group of its unit',
  ],
])('%s is refused', (_, props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('a program that says itself when it is ready is waited for', () => {
  expect(unitOf({ health: 'notify' })).toEqual(expect.arrayContaining(['Type=notify', 'NotifyAccess=all']));
});
