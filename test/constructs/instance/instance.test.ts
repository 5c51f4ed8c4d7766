import { join } from 'node:path';
import { ConfigFile, Host, Image, IncusInstance, type InstanceProps, LxdInstance, SystemdService } from 'bulkhead';
import { Testing, Token } from 'cdktf';
import { parseObjectKey } from '../../../lib/manifest';
import { writeOciArchive } from '../oci-image';
import { host, section, stack, temporaryDirectory, textOf } from '../testing';

const UNIT = '/etc/systemd/system/web.service';
const START = '/etc/bulkhead/incus/web/start';
const FSTAB = '/etc/bulkhead/incus/web/fstab';

function archive(config: object = { Cmd: ['/bin/web'] }): Image {
  const path = join(temporaryDirectory(), 'web.oci.tar');
  writeOciArchive(path, config);
  return Image.ociArchive(path);
}

const make = (props: Partial<InstanceProps> = {}, scope = host(), id = 'web') =>
  new IncusInstance(scope, id, { image: archive(), ...props });

function partsOf(service: IncusInstance | LxdInstance) {
  const entries = Object.entries(service.manifest.objects);
  const part = entries.find(([key]) => /-instance$/.test(parseObjectKey(key)?.kind ?? ''))?.[1];
  const json = (text = '{}') => JSON.parse(text) as Record<string, string & Record<string, string>>;
  return {
    ...part,
    type: part?.spec?.type,
    config: json(part?.spec?.config) as Record<string, string>,
    limits: json(part?.spec?.limits) as Record<string, string>,
    devices: json(part?.spec?.devices) as Record<string, Record<string, string>>,
  };
}
const linesOf = (service: IncusInstance) => partsOf(service).config['raw.lxc']?.split('\n') ?? [];
const rangeOf = (service: IncusInstance) => service.claims.find(({ claim }) => claim.startsWith('uids '))?.claim;

describe.each([
  ['incus', IncusInstance, 'security.guestapi'],
  ['lxd', LxdInstance, 'security.devlxd'],
] as const)('an instance of %s', (engine, type, guestApi) => {
  const service = new type(host(), 'web', { image: archive() });

  test('is its unit, the instance, its image, the storage pool and its link', () => {
    const { files, objects, units, requires } = service.manifest;
    expect(Object.keys(files)).toEqual(expect.arrayContaining([UNIT, '/etc/bulkhead/network/web/hosts']));
    const kinds = Object.keys(objects).map((key) => parseObjectKey(key)?.kind);
    expect(kinds.sort()).toEqual(
      ['image-root', 'interface', ...['image', 'instance', 'pool'].map((kind) => `${engine}-${kind}`)].sort(),
    );
    expect(units).toMatchObject({
      'web.service': {
        state: 'active',
        enabled: true,
        restartOn: [UNIT, `${engine}-instance:web`],
        reloadOn: ['/etc/bulkhead/network/web/hosts'],
      },
    });
    expect(Object.keys(requires ?? {})).toEqual(expect.arrayContaining([engine, 'curl']));
  });

  test('is started by its unit alone, and can not ask its engine anything', () => {
    expect(partsOf(service).config).toMatchObject({ 'boot.autostart': 'false', [guestApi]: 'false' });
  });

  test('has a unit that starts after its engine and does not end with it', () => {
    const unit = section(textOf(service, UNIT), 'Unit');
    expect(unit.filter((line) => line.startsWith('Wants='))).toEqual([expect.stringContaining(`${engine}.service`)]);
    expect(unit.join('\n')).not.toMatch(/^(?:Requires|BindsTo|PartOf)=/m);
    expect(section(textOf(service, UNIT), 'Service')).toEqual(
      expect.arrayContaining(['Type=notify', 'NotifyAccess=all', 'Restart=on-failure', 'TimeoutStopSec=90']),
    );
  });
});

test('its root and its link are devices, and nothing comes from a profile', () => {
  const service = make();
  expect(partsOf(service).devices).toMatchObject({
    root: { type: 'disk', path: '/', pool: 'bulkhead' },
    eth0: {
      type: 'nic',
      nictype: 'routed',
      host_name: 'bh-web',
      'ipv4.address': service.address,
      'ipv4.host_address': '169.254.1.1',
    },
    'network-hosts': { path: '/etc/hosts', readonly: 'true', required: 'false' },
  });
});

test('its link is in the group of its network before its first program runs', () => {
  const hook = linesOf(make()).find((line) => line.startsWith('lxc.hook.start-host='));
  expect(hook).toMatch(/ip link set dev "\$0" group "\$1".* bh-web \d+$/);
  expect(linesOf(make({ network: 'none' })).join('\n')).not.toContain('lxc.hook');
});

test('its users are a range of the host that is its own, or those of the host', () => {
  const [first = ''] = /\d+/.exec(rangeOf(make()) ?? '') ?? [];
  expect(partsOf(make()).config).toMatchObject({
    'security.idmap.isolated': 'true',
    'security.idmap.base': first,
    'security.idmap.size': '65536',
  });
  expect(Number(first) % 65_536).toBe(0);
  const scope = host();
  expect(rangeOf(make({}, scope, 'a'))).not.toBe(rangeOf(make({}, scope, 'b')));
  expect(rangeOf(make({ privateUsers: 2_000_000 }))).toBe('uids 2000000-2065535');
  const open = make({ privateUsers: false });
  expect(partsOf(open).config).toMatchObject({ 'security.privileged': 'true' });
  expect(partsOf(open).config).not.toHaveProperty(['linux.sysctl.net.ipv4.ip_unprivileged_port_start']);
  expect(linesOf(open)).toContainEqual(expect.stringContaining('/ip_unprivileged_port_start'));
  expect(rangeOf(open)).toBeUndefined();
});

test('limits are changed while it runs, whatever says them', () => {
  const { limits, config } = partsOf(make({ memory: '64M', cpu: 1.5, tasks: 20 }));
  expect(limits).toEqual({
    'limits.memory': '67108864',
    'limits.cpu.allowance': '150ms/100ms',
    'limits.processes': '20',
  });
  expect(Object.keys(config).filter((key) => key.startsWith('limits.'))).toEqual([]);
  expect(textOf(make({ memory: '64M' }), UNIT)).not.toContain('MemoryMax');
  expect(partsOf(make({ directives: { config: { 'limits.memory.swap': false } } })).limits).toEqual({
    'limits.memory.swap': 'false',
  });
  expect(partsOf(make({ directives: { Service: { MemoryMax: '32M' } } })).limits).toEqual({
    'limits.memory': '33554432',
  });
});

describe('its program', () => {
  test('is what the image says, or the command, word by word', () => {
    expect(linesOf(make())[0]).toBe('lxc.init.cmd="/bin/web"');
    const words = ['/bin/sh', '-c', "it's so", 'say "hi" to', '', 'a"b', '$HOME'];
    expect(linesOf(make({ command: words }))[0]).toBe(`lxc.init.cmd="/bin/sh -c "it's so" 'say "hi" to' "" a"b $HOME"`);
  });

  test('comes from a script where LXC can not be told its words', () => {
    const service = make({ command: ['/bin/sh', '-c', 'a\nb', `it's "so"`], environment: { A: '1\n2', B: '3' } });
    expect(linesOf(service)[0]).toBe('lxc.init.cmd="/bin/sh /dev/.bulkhead-start"');
    expect(textOf(service, START)).toBe(`export A='1\n2'\nexec '/bin/sh' '-c' 'a\nb' 'it'\\''s "so"'\n`);
    expect(service.manifest.files[START]).toMatchObject({ mode: '0600', owner: 'root' });
    expect(partsOf(service).config).toMatchObject({ 'environment.B': '3' });
    expect(partsOf(service).config).not.toHaveProperty('environment.A');
    expect(partsOf(service).devices.start).toMatchObject({ path: '/dev/.bulkhead-start', readonly: 'true' });
  });

  test('comes from a script where Terraform will know a word or a variable, which may be anything', () => {
    const later = Token.asString({ token: 'later' });
    for (const props of [{ command: ['/bin/web', later] }, { environment: { A: later } }]) {
      const service = make(props);
      expect(linesOf(service)[0]).toBe('lxc.init.cmd="/bin/sh /dev/.bulkhead-start"');
      expect(linesOf(service).join()).not.toContain('TfToken');
      expect(textOf(service, START)).toMatch(/'\$\{TfToken\[.*\]\}'\n/);
    }
  });

  test('has no line of its own in what Terraform will know', () => {
    const scope = stack();
    const later = Token.asString({ token: 'later' });
    const props = { workingDirectory: `/${later}`, environment: { A: later } };
    // The init of an image, which no script starts.
    make({ image: archive({}), ...props }, new Host(scope, 'host', { address: 'local' }));
    const text = Testing.synth(scope);
    for (const name of ['lxc.init.cwd', 'lxc.environment'])
      expect(text).toMatch(new RegExp(`${name}=[^$]*\\$\\{[^}]*regex\\([^}]*\\^\\[\\^.*?n.*?r\\]`));
  });

  test('runs as the user, in the directory, and stops by the signal of the image', () => {
    const image = archive({ Cmd: ['/bin/web'], User: '33:34', WorkingDir: '/srv', StopSignal: 'SIGQUIT' });
    const lines = linesOf(make({ image }));
    expect(lines).toEqual(
      expect.arrayContaining([
        'lxc.init.uid=33',
        'lxc.init.gid=34',
        'lxc.init.cwd="/srv"',
        'lxc.signal.halt=SIGQUIT',
        'lxc.no_new_privs=1',
      ]),
    );
    expect(linesOf(make({ image, user: '7', workingDirectory: '/x', stopSignal: 'SIGINT' }))).toEqual(
      expect.arrayContaining(['lxc.init.uid=7', 'lxc.init.gid=7', 'lxc.init.cwd="/x"', 'lxc.signal.halt=SIGINT']),
    );
  });

  test('holds the capabilities that are named, and no other', () => {
    expect(linesOf(make()).join('\n')).not.toContain('lxc.cap');
    expect(linesOf(make({ capabilities: [] }))).toContain('lxc.cap.keep=none');
    expect(linesOf(make({ capabilities: ['CAP_CHOWN', 'CAP_NET_ADMIN'] }))).toContain('lxc.cap.keep=chown net_admin');
  });

  test('is the init of an image that names none', () => {
    const lines = linesOf(make({ image: archive({}), network: 'none' }));
    expect(lines).toEqual([]);
  });

  test('has a variable whose blanks at the end arrive', () => {
    expect(linesOf(make({ environment: { A: 'x ' } }))).toContain('lxc.environment="A=x "');
  });
});

test('volumes are disks, with the owners that they have on the host where they are not of a construct', () => {
  const scope = host();
  const file = new ConfigFile(scope, 'page', { path: '/etc/page', content: 'x' });
  const { devices } = partsOf(
    make({ volumes: ['/srv/data:/data', '/srv/ro:/a/b:ro', { source: file, target: '/page' }] }, scope),
  );
  expect(devices['volume-data']).toEqual({ type: 'disk', source: '/srv/data', path: '/data', shift: 'true' });
  expect(devices['volume-a-b']).toMatchObject({ readonly: 'true', shift: 'true' });
  expect(devices['volume-page']).toEqual({ type: 'disk', source: '/etc/page', path: '/page', readonly: 'true' });
});

test('directives are keys of its config, devices and lines of raw.lxc', () => {
  const directives = {
    config: { 'security.nesting': true, 'raw.lxc': 'lxc.mount.auto=\n', 'user.owner': 'shop' },
    devices: { fuse: { type: 'unix-char', source: '/dev/fuse', path: '/dev/fuse' } },
  } as const;
  const service = make({ directives });
  expect(partsOf(service).config).toMatchObject({ 'security.nesting': 'true', 'user.owner': 'shop' });
  expect(linesOf(service).slice(-2)).toEqual(['lxc.mount.auto=', '']);
  expect(partsOf(service).devices.fuse).toEqual({ type: 'unix-char', source: '/dev/fuse', path: '/dev/fuse' });
  expect(service.directive('config', 'security.nesting')).toBe(true);
});

test('a pool of the user is used where a device names it, and none is made', () => {
  const service = make({ directives: { devices: { root: { type: 'disk', path: '/', pool: 'fast' } } } });
  expect(Object.keys(service.manifest.objects).filter((key) => key.includes('-pool:'))).toEqual([]);
});

test('cloud-init gets its data, and may read it', () => {
  const { config } = partsOf(make({ cloudInit: { userData: '#cloud-config\n{}\n', vendorData: 'x' } }));
  expect(config).toMatchObject({ 'cloud-init.user-data': '#cloud-config\n{}\n', 'cloud-init.vendor-data': 'x' });
  expect(config).not.toHaveProperty('security.guestapi');
});

test('others may reach it, and an aspect may add to its environment', () => {
  const scope = host();
  const service = make({ expose: [80] }, scope);
  new SystemdService(scope, 'api', { command: ['/bin/api'], network: scope.network, reaches: [service] });
  service.addEnvironment({ ADDED: '1' });
  expect(partsOf(service).config['environment.ADDED']).toBe('1');
});

test('a root that it can not write to is no data, and has places in memory to write to', () => {
  const service = make({ readOnlyRoot: true });
  expect(linesOf(service)).toEqual(
    expect.arrayContaining([
      `lxc.mount.fstab=${FSTAB}`,
      expect.stringMatching(/^lxc\.hook\.mount=sh -c '.* remount,bind,ro "\$LXC_ROOTFS_MOUNT"'$/),
    ]),
  );
  expect(partsOf(service).retain).toBe(false);
  expect(partsOf(make({ readOnlyRoot: true, removalPolicy: 'retain' })).retain).toBe(true);
  expect(textOf(service, FSTAB)).toBe(
    [
      'tmpfs tmp tmpfs nosuid,nodev,mode=1777,create=dir 0 0',
      'tmpfs run tmpfs nosuid,nodev,mode=755,create=dir 0 0',
      'tmpfs var/tmp tmpfs nosuid,nodev,mode=1777,create=dir 0 0',
      '',
    ].join('\n'),
  );
  expect(linesOf(make()).join()).not.toMatch(/fstab|hook\.mount/);
});

test('directories in memory are mounted before the volumes, and each before those below it', () => {
  const tmpfs = ['/new/my cache/:size=1m,mode=1770', '/new', '/run:size=8m'];
  const service = make({ tmpfs, shmSize: '1M', readOnlyRoot: true });
  expect(linesOf(service)).toContain(`lxc.mount.fstab=${FSTAB}`);
  expect(textOf(service, FSTAB).trimEnd().split('\n')).toEqual([
    'tmpfs tmp tmpfs nosuid,nodev,mode=1777,create=dir 0 0',
    'tmpfs new tmpfs nosuid,nodev,create=dir 0 0',
    'tmpfs run tmpfs nosuid,nodev,size=8m,create=dir 0 0',
    'tmpfs var/tmp tmpfs nosuid,nodev,mode=1777,create=dir 0 0',
    'tmpfs new/my\\040cache tmpfs nosuid,nodev,size=1m,mode=1770,create=dir 0 0',
    'tmpfs dev/shm tmpfs nosuid,nodev,mode=1777,size=1048576,create=dir 0 0',
  ]);
  expect(service.manifest.units['web.service']?.restartOn).toContain(FSTAB);
});

test('it has its own hostname', () => {
  expect(linesOf(make({ hostname: 'a.example.org' }))).toContain('lxc.uts.name=a.example.org');
  expect(linesOf(make()).join()).not.toContain('lxc.uts.name');
});

test('limits of its processes are config that applies when it starts', () => {
  const { config, limits } = partsOf(make({ ulimits: { nofile: 65_536, cpu: { soft: 60, hard: -1 } }, memory: '64M' }));
  expect(config).toMatchObject({ 'limits.kernel.nofile': '65536:65536', 'limits.kernel.cpu': '60:unlimited' });
  expect(Object.keys(limits)).toEqual(['limits.memory']);
});

test('device nodes are devices of the type that their names say', () => {
  const paths = [
    '/dev/fuse',
    '/dev/sda1',
    '/dev/mapper/data',
    '/dev/mapper/control',
    '/dev/net/tun',
    '/dev/loop-control',
  ];
  const { devices } = partsOf(make({ devices: paths, network: 'none' }));
  expect(devices['node-dev-fuse']).toEqual({ type: 'unix-char', source: '/dev/fuse', path: '/dev/fuse' });
  const types = paths.map((path) => Object.values(devices).find(({ source }) => source === path)?.type);
  expect(types).toEqual(['unix-char', 'unix-block', 'unix-block', 'unix-char', 'unix-char', 'unix-char']);
});

test('its program is a member of further groups where it has the users of the host', () => {
  const groupsOf = (props: Partial<InstanceProps>) =>
    linesOf(make({ privateUsers: false, ...props })).filter((line) => line.startsWith('lxc.init.'));
  expect(groupsOf({ groups: ['27', 'root'] }).slice(1)).toEqual([
    'lxc.init.uid=0',
    'lxc.init.gid=0',
    'lxc.init.groups=27,0',
  ]);
  expect(groupsOf({ user: '7', groups: ['27'] })).toContain('lxc.init.groups=27');
});

test('a retained one says so', () => {
  expect(partsOf(make({ removalPolicy: 'retain' })).retain).toBe(true);
  expect(partsOf(make()).retain).toBeUndefined();
});
