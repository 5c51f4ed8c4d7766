import { join } from 'node:path';
import { ConfigFile, Image, LxcContainer, type LxcContainerProps, Network, SystemdSlice, Workload } from 'bulkhead';
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
  ['a mount on its root', { volumes: ['/srv:/'] as never }, 'the root of the container is its image'],
  ['a notice of its own', { health: 'notify' }, 'does not forward a notice'],
])('%s is refused', (_, props, message) => {
  expect(() => make(props)).toThrow(message);
});
