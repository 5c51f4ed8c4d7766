import { join } from 'node:path';
import {
  ConfigFile,
  Directory,
  Image,
  LxcContainer,
  type LxcContainerProps,
  Network,
  Secret,
  SystemdSlice,
  Workload,
} from 'bulkhead';
import { Aspects, TerraformVariable } from 'cdktf';
import { writeOciArchive } from '../oci-image';
import { host, problemsOf, section, temporaryDirectory, textOf } from '../testing';

const UNIT = '/etc/systemd/system/web.service';
const CONFIG = '/var/lib/lxc/web/config';

function archive(config: object = { Cmd: ['/bin/web'] }): Image {
  const path = join(temporaryDirectory(), 'web.oci.tar');
  writeOciArchive(path, config);
  return Image.ociArchive(path);
}

const make = (props: Partial<LxcContainerProps> = {}, scope = host(), id = 'web') =>
  new LxcContainer(scope, id, { image: archive(), ...props });
const configOf = (props: Partial<LxcContainerProps> = {}) => textOf(make(props), CONFIG).split('\n');
const unitOf = (props: Partial<LxcContainerProps> = {}) => section(textOf(make(props), UNIT), 'Service');
const rangeOf = (service: LxcContainer) => service.claims.find(({ claim }) => claim.startsWith('uids '))?.claim;

test('a container is its unit, its config, its filter of system calls, the shared root of its image and its network', () => {
  const { files, objects, units } = make().manifest;
  const seccomp = '/var/lib/lxc/web/seccomp';
  expect(Object.keys(files)).toEqual(expect.arrayContaining([UNIT, CONFIG, seccomp]));
  const root = Object.keys(objects).find((key) => /^image-root:[0-9a-f]{64}$/.test(key));
  expect(units['web.service']).toMatchObject({ state: 'active', restartOn: [UNIT, CONFIG, seccomp, root] });
});

test('it is unprivileged, read-only and without capabilities, in the control group of its unit', () => {
  const config = configOf();
  const range = /^uids (\d+)-/.exec(rangeOf(make()) ?? '')?.[1];
  expect(Number(range)).toBeGreaterThan(1_879_048_191);
  expect(config).toEqual(
    expect.arrayContaining([
      'lxc.rootfs.path = dir:/run/bulkhead-lxc/web/mounts/root',
      'lxc.rootfs.options = ro',
      `lxc.idmap = u 0 ${range} 65536`,
      `lxc.idmap = g 0 ${range} 65536`,
      'lxc.namespace.share.net = /run/netns/bh-web',
      'lxc.cap.keep = none',
      'lxc.no_new_privs = 1',
      'lxc.cgroup.relative = 1',
      'lxc.seccomp.profile = /var/lib/lxc/web/seccomp',
      'lxc.mount.entry = /sys sys none rbind,rprivate,ro,nosuid,nodev,noexec 0 0',
    ]),
  );
  expect(unitOf({ memory: '64M', cpu: 0.5, tasks: 20 })).toEqual(
    expect.arrayContaining(['Delegate=yes', 'DevicePolicy=closed', 'MemoryMax=64M', 'CPUQuota=50%', 'TasksMax=20']),
  );
});

test('a privileged one has the users of the host and no range', () => {
  const service = make({ privileged: true });
  const config = textOf(service, CONFIG);
  expect(config).not.toContain('lxc.idmap');
  expect(config).toContain('lxc.mount.auto = sys:ro\n');
  expect(rangeOf(service)).toBeUndefined();
});

test('the program is what the image says, or what command and args do, word by word', () => {
  const started = (props: Partial<LxcContainerProps>) => unitOf(props).find((line) => line.startsWith('ExecStart='));
  const log = '-l INFO -o /run/bulkhead-lxc/web/log';
  expect(started({})).toBe(`ExecStart=lxc-start -F -P /var/lib/lxc -n web ${log} -- /bin/web`);
  expect(started({ command: ['/bin/a b', '$x'] })).toMatch(/ -- "\/bin\/a b" \$\$x$/);
  const image = archive({ Entrypoint: ['/bin/web'], Cmd: ['serve'], User: '7:8', WorkingDir: '/srv' });
  expect(started({ image, args: ['check'] })).toMatch(/ -- \/bin\/web check$/);
  expect(configOf({ image })).toEqual(
    expect.arrayContaining(['lxc.init.uid = 7', 'lxc.init.gid = 8', 'lxc.init.cwd = /srv']),
  );
});

test('variables are lines of the config, and those that may have line breaks come from the unit', () => {
  const scope = host();
  const secret = new TerraformVariable(scope, 'secret', { type: 'string', sensitive: true });
  const environment = { A: ' "a" ', PEM: 'one\ntwo', TOKEN: secret.stringValue };
  const service = make({ environment }, scope);
  const config = service.manifest.files[CONFIG];
  expect(config?.content).toContain('lxc.environment = "A= "a" "\n');
  expect(config?.content).not.toMatch(/PEM|TOKEN/);
  expect(config?.mode).toBe('0600');
  const unit = service.manifest.files[UNIT];
  expect(unit?.mode).toBe('0600');
  expect(unit?.content).toMatch(/ -s lxc\.environment=PEM -s lxc\.environment=TOKEN -- /);
  expect(unit?.content).toContain('Environment="PEM=one\\ntwo"\n');
  expect(make().manifest.files[CONFIG]?.mode).toBe('0644');
});

test('volumes are mounted with their owners mapped, but those of files that constructs made', () => {
  const scope = host();
  const source = new ConfigFile(scope, 'page', { path: '/etc/page', content: 'x' });
  const service = make({ volumes: [{ source, target: '/page' }, '/srv/a b:/my data:ro'] as never }, scope);
  expect(textOf(service, CONFIG).split('\n')).toEqual(
    expect.arrayContaining([
      'lxc.mount.entry = /run/bulkhead-lxc/web/mounts/volumes/2 page none bind,rprivate,nosuid,nodev,ro 0 0',
      'lxc.mount.entry = /run/bulkhead-lxc/web/mounts/volumes/3 my\\040data none bind,rprivate,nosuid,nodev,ro 0 0',
      'lxc.mount.entry = /run/bulkhead-lxc/web/mounts/volumes/0 etc/hosts none bind,rprivate,nosuid,nodev,ro 0 0',
    ]),
  );
  expect(textOf(service, UNIT)).toMatch(/ page \/etc\/page "my data" "\/srv\/a b" "" .* \/etc\/page "" "\/srv\/a b"\n/);
});

test('it has its own hostname and limits', () => {
  expect(configOf()).toContain('lxc.uts.name = web');
  const config = configOf({
    hostname: 'a.example.org',
    ulimits: { nofile: 65_536, cpu: { soft: 60, hard: -1 }, core: 0 },
  });
  expect(config).toEqual(
    expect.arrayContaining([
      'lxc.uts.name = a.example.org',
      'lxc.prlimit.nofile = 65536:65536',
      'lxc.prlimit.cpu = 60:unlimited',
      'lxc.prlimit.core = 0:0',
    ]),
  );
  expect(config).not.toContain('lxc.uts.name = web');
});

test('its shared memory has the size of the prop', () => {
  const shm = (props: Partial<LxcContainerProps>) => configOf(props).filter((line) => line.includes(' dev/shm '));
  const line = (size: string) =>
    `lxc.mount.entry = tmpfs dev/shm tmpfs nosuid,nodev,noexec,mode=1777,size=${size},create=dir 0 0`;
  expect(shm({})).toEqual([line('65536k')]);
  expect(shm({ shmSize: '1M' })).toEqual([line('1048576')]);
});

test('its program is a member of further groups, when it has the users of the host', () => {
  const image = archive({ Cmd: ['/bin/web'], User: '5:6' });
  const groupsOf = (props: Partial<LxcContainerProps>) =>
    configOf({ image, privileged: true, ...props }).filter((line) => /^lxc\.init\.(?:uid|gid|groups) /.test(line));
  expect(groupsOf({})).toEqual(['lxc.init.uid = 5', 'lxc.init.gid = 6']);
  expect(groupsOf({ groups: ['27'] })).toEqual(['lxc.init.uid = 5', 'lxc.init.gid = 6', 'lxc.init.groups = 27']);
  expect(groupsOf({ user: '7', groups: ['27', 'root', '27'] })).toContain('lxc.init.groups = 27,0');
});

test('devices are mounted below its own /dev, and the unit allows them', () => {
  const props = { devices: ['/dev/fuse', '/dev/net/tun'] };
  expect(configOf(props)).toEqual(
    expect.arrayContaining([
      'lxc.mount.entry = /dev/fuse dev/fuse none bind,rprivate,nosuid,rw,create=file 0 0',
      'lxc.mount.entry = /dev/net/tun dev/net/tun none bind,rprivate,nosuid,rw,create=file 0 0',
    ]),
  );
  expect(unitOf(props)).toEqual(expect.arrayContaining(['DeviceAllow=/dev/fuse rw', 'DeviceAllow=/dev/net/tun rw']));
});

describe('a directory in memory', () => {
  /** Targets and options of the mounts that the props add. */
  const added = (props: Partial<LxcContainerProps>, scope = host()) =>
    textOf(make({ network: 'none', ...props }, scope), CONFIG)
      .split('\n')
      .flatMap(
        (line) => /^lxc.mount.entry = (?:tmpfs|\S+\/volumes\/\d+) (\S+ \S+ \S*nodev\S*) 0 0$/.exec(line)?.[1] ?? [],
      )
      .filter((line) => !line.includes('size=65536k'));

  test('is mounted on a point that the unit makes, which follows no link', () => {
    expect(added({ tmpfs: ['/cache', '/new/dir/:size=1m,mode=755'] })).toEqual([
      'cache tmpfs nosuid,nodev',
      'new/dir tmpfs nosuid,nodev,size=1m,mode=755',
    ]);
    expect(textOf(make({ tmpfs: ['/cache', '/dev/shm:size=1g'], volumes: ['/a:/b'] }), UNIT)).toMatch(
      / b \/a cache \/ "" /,
    );
  });

  test('is mounted before all that is below it, which LXC makes there', () => {
    const scope = host();
    const page = new ConfigFile(scope, 'page', { path: '/etc/page', content: 'x' });
    const data = new Directory(scope, 'data', { path: '/srv/data' });
    const secrets = [new Secret(scope, 'key', { generate: {} })];
    const volumes = [
      { source: data, target: '/run/data' },
      { source: page, target: '/run/page' },
      { source: '/srv/other', target: '/other' },
    ];
    const tmpfs = ['/run/data/cache', '/dev/shm:size=1g', '/run'];
    expect(added({ tmpfs, volumes, secrets }, scope)).toEqual([
      'run tmpfs nosuid,nodev',
      'other none bind,rprivate,nosuid,nodev,rw',
      'dev/shm tmpfs nosuid,nodev,size=1g,create=dir',
      'run/data none bind,rprivate,nosuid,nodev,rw,create=dir',
      'run/page none bind,rprivate,nosuid,nodev,ro,create=file',
      'run/data/cache tmpfs nosuid,nodev',
      'run/secrets/key none bind,rprivate,nosuid,nodev,ro,create=file',
    ]);
  });

  test('can also have the files of the network', () => {
    expect(configOf({ tmpfs: ['/etc'] }).join('\n')).toMatch(/ etc\/hosts none \S+,ro,create=file 0 0/);
  });
});

test('what it writes to a root that is not read-only takes space below /var/lib', () => {
  expect(configOf({ readOnlyRoot: false }).join()).not.toContain('lxc.rootfs.options');
  expect(textOf(make({ readOnlyRoot: false }), UNIT)).toContain(' /var/lib/bulkhead/lxc-web ');
});

test('on the network of the host it shares all interfaces, and on none it has its own loopback', () => {
  expect(configOf({ network: 'host', ports: ['80:80'] })).toEqual(
    expect.arrayContaining(['lxc.net.0.type = none', 'lxc.cap.keep = net_bind_service']),
  );
  expect(configOf({ network: 'none' })).toEqual(
    expect.arrayContaining(['lxc.net.0.type = empty', 'lxc.net.0.flags = up']),
  );
});

test('an aspect reads and adds keys of the config', () => {
  const scope = host();
  const service = make({}, scope);
  expect(service.directive('lxc', 'lxc.cap.keep')).toEqual(['none']);
  Aspects.of(scope).add({
    visit(node) {
      if (node instanceof LxcContainer) node.addDirectives({ lxc: { 'lxc.prlimit.nofile': '1024' } });
      if (node instanceof Workload) node.addEnvironment({ TZ: 'UTC' });
    },
  });
  for (const node of scope.node.findAll()) for (const aspect of Aspects.of(scope).all) aspect.visit(node);
  expect(textOf(service, CONFIG)).toMatch(/lxc.prlimit.nofile = 1024\n(.*\n)*lxc.environment = TZ=UTC\n/);
});

test('the exit status of the program is that of the unit, unless it ends as it was asked to', () => {
  const after = unitOf({ stopSignal: 'SIGQUIT', stopTimeout: '3s' });
  expect(after.find((line) => line.startsWith('ExecStopPost='))).toMatch(/ web "143 131"$/);
  expect(after).toContain('ExecStop=-lxc-stop -P /var/lib/lxc -n web -t 3');
  expect(configOf({ stopSignal: 'SIGQUIT' })).toContain('lxc.signal.halt = SIGQUIT');
});

test('it runs in the slice that it is given, and two on one Network have two addresses', () => {
  const scope = host();
  const slice = new SystemdSlice(scope, 'shop', {});
  const network = new Network(scope, 'net');
  const [web, api] = [make({ slice, network }, scope), make({ network }, scope, 'api')];
  expect(section(textOf(web, UNIT), 'Service')).toContain('Slice=shop.slice');
  expect(web.address).not.toBe(api.address);
  expect(rangeOf(web)).not.toBe(rangeOf(api));
  expect(problemsOf(scope.node.root)).toEqual([]);
});

test.each<[string, Partial<LxcContainerProps>, string]>([
  ['a user that the image does not have', { user: 'www' }, 'the image has no user "www"'],
  [
    'capabilities of another user than root',
    { user: '1000', capabilities: ['CAP_CHOWN'] },
    'LXC gives capabilities only to root of the container, and the program runs as user 1000',
  ],
  ['an image that has no program', { image: archive({}) }, 'the image has no program'],
  ['a range by hand', { directives: { lxc: { 'lxc.idmap': ['u 0 1 2'] } } }, 'already set by privileged'],
  ['variables by hand', { directives: { lxc: { 'lxc.environment': ['A=b'] } } }, 'the environment prop decides that'],
  ['a line break in PATH', { environment: { PATH: 'a\nb' } }, "has a line break, which LXC's config can't express"],
  ['a line break in a directory', { workingDirectory: '/a\nb' }, 'has a line break'],
  [
    'an exit status that lxc-start hides',
    { directives: { Service: { RestartForceExitStatus: 3 } } },
    'lxc-start does not end with',
  ],
  [
    'a path of the host below a directory in memory',
    { tmpfs: ['/run'], volumes: ['/srv/a:/run/a'] },
    'Cannot mount "/srv/a:/run/a": the target is in a directory of tmpfs, where LXC must know whether to create a file or a directory, expected a Directory, ConfigFile or ConfigDirectory as source, or a target outside of tmpfs (at shop/host/web.volumes[0])',
  ],
  ['a directory in memory on its root', { tmpfs: ['/'] }, '(at shop/host/web.tmpfs[0])'],
  ['a file that is not a device', { devices: ['/etc/passwd'] }, '(at shop/host/web.devices[0])'],
  ['a limit that is not a number', { ulimits: { nofile: 1.5 } }, '(at shop/host/web.ulimits.nofile)'],
  [
    'a limit by prop and by hand',
    { ulimits: { nofile: 1 }, directives: { lxc: { 'lxc.prlimit.nofile': '2' } } },
    'already set by ulimits',
  ],
  [
    'mounts by prop and by hand',
    { tmpfs: ['/a'], directives: { lxc: { 'lxc.mount.entry': ['a b none bind'] } } },
    'already set by tmpfs',
  ],
  [
    'mounts by hand beside shmSize',
    { shmSize: '1M', directives: { lxc: { 'lxc.mount.entry': ['a b none bind'] } } },
    'already set by shmSize',
  ],
  ['a size of /dev/shm twice', { shmSize: '1G', tmpfs: ['/dev/shm/'] }, '(at shop/host/web.shmSize)'],
  [
    'a group of one that has its own users',
    { groups: ['27', '28'] },
    'Cannot add to groups "27, 28": LXC gives further groups only to a container that shares the users of the host, expected privileged: true, or one of ContainerdService, DockerService, OciService, PodmanService (at shop/host/web.groups)',
  ],
  ['a group that the image lacks', { groups: ['x'], privileged: true }, '(at shop/host/web.groups[0])'],
  ['a mount on its root', { volumes: ['/srv:/'] as never }, 'the root of the container is its image'],
  ['a notice of its own', { health: 'notify' }, 'does not forward a notice'],
])('%s is refused', (_, props, message) => {
  expect(() => make(props)).toThrow(message);
});
