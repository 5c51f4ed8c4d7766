import { join } from 'node:path';
import { ConfigFile, ContainerdService, type ContainerdServiceProps, Image, SystemdSlice } from 'bulkhead';
import { writeOciArchive } from '../oci-image';
import { host, problemsOf, section, temporaryDirectory, textOf } from '../testing';

const UNIT = '/etc/systemd/system/web.service';
const SPEC = '/etc/bulkhead/containerd/web.json';

function archive(config: object = { Cmd: ['/bin/web'] }): Image {
  const path = join(temporaryDirectory(), 'web.oci.tar');
  writeOciArchive(path, config);
  return Image.ociArchive(path);
}

const make = (props: Partial<ContainerdServiceProps> = {}, scope = host()) =>
  new ContainerdService(scope, 'web', { image: archive(), ...props });
const specOf = (props: Partial<ContainerdServiceProps> = {}) => JSON.parse(textOf(make(props), SPEC));
const unitOf = (props: Partial<ContainerdServiceProps> = {}) => section(textOf(make(props), UNIT), 'Service');

test('a service is its unit, its config.json, its image and its network', () => {
  const { files, objects, units } = make().manifest;
  expect(Object.keys(files)).toEqual(expect.arrayContaining([UNIT, SPEC]));
  expect(Object.keys(objects)).toEqual([
    'interface:bh-web',
    'network-namespace:bh-web',
    expect.stringMatching(/^containerd-image:localhost\/web:[0-9a-f]{12}$/),
  ]);
  expect(units['web.service']).toMatchObject({
    state: 'active',
    enabled: true,
    restartOn: [UNIT, SPEC, Object.keys(objects)[2]],
  });
});

test('the unit ends and starts with containerd, and mounts the image before', () => {
  const text = textOf(make(), UNIT);
  expect(section(text, 'Unit')).toEqual(
    expect.arrayContaining([
      'Requires=containerd.service web-network.service',
      'After=containerd.service network.target web-network.service shop-host-network.service',
    ]),
  );
  const service = section(text, 'Service').join('\n');
  expect(service).toMatch(
    /^ExecStart=ctr -n bulkhead run --rm .*--cgroup system\.slice:bulkhead:web .*--config \/etc\/bulkhead\/containerd\/web\.json web$/m,
  );
  expect(service).toContain('snapshots label \\"$$1\\" containerd.io/gc.root=bulkhead');
});

test('a container is closed by default', () => {
  const spec = specOf();
  expect(spec.process).toMatchObject({ noNewPrivileges: true, user: { uid: 0, gid: 0 } });
  expect(Object.values(spec.process.capabilities)).toEqual([[], [], [], [], []]);
  expect(spec.root).toEqual({ readonly: true, path: '/run/bulkhead/containerd/web/root' });
  expect(spec.linux.namespaces.map(({ type }: { type: string }) => type)).toEqual([
    ...['pid', 'mount', 'ipc', 'uts', 'cgroup', 'network'],
  ]);
  expect(spec.linux.seccomp.defaultAction).toBe('SCMP_ACT_ERRNO');
  expect(spec.linux.resources).toEqual({ devices: [{ allow: false, access: 'rwm' }] });
});

test('what the image says becomes the process', () => {
  const image = archive({
    Entrypoint: ['/bin/web'],
    Cmd: ['--port', '80'],
    Env: ['LANG=C', 'PATH=/opt/bin'],
    WorkingDir: '/srv',
    User: '1000',
    StopSignal: 'SIGQUIT',
  });
  expect(specOf({ image }).process).toMatchObject({
    args: ['/bin/web', '--port', '80'],
    env: ['PATH=/opt/bin', 'LANG=C'],
    cwd: '/srv',
    user: { uid: 1000, gid: 1000 },
  });
  expect(unitOf({ image })).toContain('SuccessExitStatus=143 131');
  expect(unitOf({ image }).join('\n')).toMatch(/^ExecStop=-sh -c .* 10 QUIT$/m);
});

test('what cleans up has time beyond that of the program', () => {
  const unit = unitOf({ stopTimeout: '2s', stopSignal: 'SIGINT' });
  expect(unit.join('\n')).toMatch(/^ExecStop=-sh -c .* 2 INT$/m);
  expect(unit).toEqual(expect.arrayContaining(['TimeoutStopSec=62', 'SuccessExitStatus=143 130']));
});

test('props replace what the image says', () => {
  const image = archive({ Entrypoint: ['/bin/web'], Cmd: ['a'], Env: ['A=1', 'B=2'], User: 'web' });
  const { process } = specOf({ image, args: ['b'], environment: { B: '3' }, user: '7:8', workingDirectory: '/tmp' });
  expect(process).toMatchObject({ args: ['/bin/web', 'b'], cwd: '/tmp', user: { uid: 7, gid: 8 } });
  expect(process.env).toEqual([expect.stringMatching(/^PATH=/), 'A=1', 'B=3']);
});

test('volumes and the hosts file are mounted', () => {
  const scope = host();
  const file = new ConfigFile(scope, 'page', { path: '/etc/page', content: 'x' });
  const service = make({ volumes: ['/srv:/data', { source: file, target: '/page' }] }, scope);
  const { mounts } = JSON.parse(textOf(service, SPEC));
  const bind = (destination: string, source: string, access: string) => ({
    destination,
    type: 'bind',
    source,
    options: ['rbind', 'rprivate', 'nosuid', 'nodev', access],
  });
  expect(mounts.slice(-4)).toEqual([
    bind('/data', '/srv', 'rw'),
    bind('/page', '/etc/page', 'rro'),
    bind('/etc/hosts', '/run/bulkhead/network/web/hosts', 'rro'),
    bind('/etc/resolv.conf', '/run/bulkhead/network/shop-host/resolv.conf', 'rro'),
  ]);
  expect(service.manifest.units['web.service']?.triggers).toMatchObject({ '/etc/page': expect.any(String) });
});

test('limits are in config.json, and not in the unit, where they would limit ctr', () => {
  const service = make({ memory: '64M', cpu: 0.5, tasks: 20 });
  expect(JSON.parse(textOf(service, SPEC)).linux.resources).toMatchObject({
    memory: { limit: 64 * 1024 * 1024 },
    cpu: { quota: 50_000, period: 100_000 },
    pids: { limit: 20 },
  });
  expect(textOf(service, UNIT)).not.toMatch(/MemoryMax|CPUQuota|TasksMax/);
  expect(service.directive('Service', 'MemoryMax')).toBe('64M');
});

test('variables and limits are added from outside as to every workload', () => {
  const service = make({ environment: { A: '1' } });
  service.addEnvironment({ B: '2' }).addDirectives({ Service: { MemoryMax: '1G' }, process: { oomScoreAdj: 100 } });
  const spec = JSON.parse(textOf(service, SPEC));
  expect(spec.process).toMatchObject({ env: expect.arrayContaining(['A=1', 'B=2']), oomScoreAdj: 100 });
  expect(spec.linux.resources.memory.limit).toBe(2 ** 30);
});

test('a slice holds the container', () => {
  const scope = host();
  const slice = new SystemdSlice(scope, 'shop', {});
  const service = make({ slice }, scope);
  expect(JSON.parse(textOf(service, SPEC)).linux.cgroupsPath).toBe('shop.slice:bulkhead:web');
});

test('config.json can be read by root alone when it has values of the service', () => {
  const image = archive({ Cmd: ['/bin/web'], Env: ['A=1'] });
  expect(make({ image }).manifest.files[SPEC]?.mode).toBe('0644');
  expect(make({ image, environment: { TOKEN: 'x' } }).manifest.files[SPEC]?.mode).toBe('0600');
});

test("the network is none, the host's, or one of the host", () => {
  const types = (network: 'none' | 'host') => specOf({ network }).linux.namespaces.slice(5);
  expect(types('none')).toEqual([{ type: 'network' }]);
  expect(types('host')).toEqual([]);
  expect(specOf({ network: 'host', ports: [80] }).process.capabilities.bounding).toEqual(['CAP_NET_BIND_SERVICE']);
  expect(specOf().linux.namespaces[5]).toEqual({ type: 'network', path: '/run/netns/bh-web' });
});

test('capabilities widen the filter of system calls', () => {
  const { process, linux } = specOf({ capabilities: ['CAP_SYS_CHROOT'] });
  expect(process.capabilities.effective).toEqual(['CAP_SYS_CHROOT']);
  expect(linux.seccomp.syscalls[0].names).toContain('chroot');
});

test('a directive by hand replaces a default', () => {
  const { linux, mounts } = specOf({ directives: { linux: { maskedPaths: [] }, config: { mounts: [] } } });
  expect(linux.maskedPaths).toEqual([]);
  expect(mounts.map(({ destination }: { destination: string }) => destination)).toEqual([
    '/etc/hosts',
    '/etc/resolv.conf',
  ]);
});

test.each<[string, Partial<ContainerdServiceProps>, string]>([
  [
    'a name for a user',
    { user: 'www' },
    'Cannot run as "www": the image has no user "www", expected numbers such as "1000" or "1000:1000" (at shop/host/web.user)',
  ],
  ['a notification', { health: 'notify' }, 'the runtime of the service does not forward a notice'],
  ['a limit in percent', { directives: { Service: { MemoryMax: '10%' } } }, 'Cannot limit memory to "10%"'],
  [
    'a limit that does not reach it',
    { directives: { Service: { MemoryHigh: '1G' } } },
    'Cannot use in the unit of a container "MemoryHigh"',
  ],
  [
    'a sandbox that does not reach it',
    { directives: { Service: { ProtectSystem: 'strict' } } },
    'its counterpart in directives.process or directives.linux',
  ],
  ['a slice for ctr alone', { directives: { Service: { Slice: 'x.slice' } } }, 'expected the slice prop'],
  [
    'a limit twice',
    { tasks: 5, directives: { linux: { resources: { pids: { limit: 6 } } } } },
    'Cannot limit "pids.limit"',
  ],
  [
    'a prop and a directive',
    { readOnlyRoot: true, directives: { root: { readonly: false } } },
    'already set by readOnlyRoot',
  ],
  ['an unknown value', { directives: { linux: { maskPaths: [] } as object } }, 'is unknown, expected maskedPaths'],
  ['an unknown section', { directives: { vm: {} } as object }, 'its files have no such section'],
  ['variables by hand', { directives: { process: { env: [] } as object } }, 'environment decides that'],
])('%s is refused', (_, props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('an image without a program is refused', () => {
  expect(() => make({ image: archive({}) })).toThrow('the image has no program');
  expect(() => make({ image: archive({ Cmd: ['/x'], User: 'web' }) })).toThrow('(at shop/host/web.image)');
});

test('nothing is wrong with the tree', () => {
  expect(problemsOf(make({ memory: '1G', health: { tcp: 80 } }).node.root)).toEqual([]);
});
