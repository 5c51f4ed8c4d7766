import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFile, Image, NspawnMachine, type NspawnMachineProps } from 'bulkhead';
import { writeOciArchive } from '../oci-image';
import { host, problemsOf, section, temporaryDirectory, textOf } from '../testing';

const NSPAWN = '/etc/systemd/nspawn/db.nspawn';
const UNIT = '/etc/systemd/system/db.service';
const NETWORK = '/etc/systemd/system/db-network.service';
const make = (props: NspawnMachineProps, scope = host()) => new NspawnMachine(scope, 'db', props);
const inRoot = (props: Partial<NspawnMachineProps> = {}) => make({ root: '/srv/db', ...props });

test('a machine is a .nspawn file, the unit that runs it, and the unit of its network', () => {
  const machine = inRoot({ command: ['/bin/db', '-D', '/data'] });
  expect(Object.keys(machine.manifest.files).slice(0, 3)).toEqual([NETWORK, NSPAWN, UNIT]);
  expect(textOf(machine, NSPAWN)).toBe(`[Exec]
Boot=no
Parameters=/bin/db -D /data
KillSignal=SIGTERM
PrivateUsers=pick
ResolvConf=off
Timezone=off

[Files]
PrivateUsersOwnership=map
BindReadOnly=/run/bulkhead/network/db/hosts:/etc/hosts
BindReadOnly=/run/bulkhead/network/shop-host/resolv.conf:/etc/resolv.conf
`);
  expect(textOf(machine, UNIT)).toBe(`[Unit]
After=network.target db-network.service shop-host-network.service
Requires=db-network.service
RequiresMountsFor=/srv/db
Description=db
StartLimitIntervalSec=0
Wants=shop-host-network.service

[Service]
TimeoutStopSec=30
ExecStart=systemd-nspawn --quiet --keep-unit --settings=override --machine=db --directory=/srv/db
Type=notify
NetworkNamespacePath=/run/netns/bh-db
KillMode=mixed
RestartForceExitStatus=133
SuccessExitStatus=133 143
ExecStopPost=-sh -c "busctl call org.freedesktop.machine1 /org/freedesktop/machine1 org.freedesktop.machine1.Manager UnregisterMachine s \\"$$0\\" 2>/dev/null" db
ExecStopPost=-sh -c "rm -f -- \\"$\${0%%/*}/.#$\${0##*/}.lck\\"" /srv/db
Slice=machine.slice
Delegate=yes
DevicePolicy=closed
DeviceAllow=/dev/net/tun rwm
DeviceAllow=char-pts rw
Restart=on-failure
RestartSec=2

[Install]
WantedBy=multi-user.target
`);
});

test('the link of a machine with a long name is a digest that the kernel takes', () => {
  const machine = new NspawnMachine(host(), 'a-rather-long-name', { root: '/srv/x' });
  const [, link] =
    /NetworkNamespacePath=\/run\/netns\/(\S+)/.exec(
      textOf(machine, '/etc/systemd/system/a-rather-long-name.service'),
    ) ?? [];
  expect(link).toMatch(/^bh-[0-9a-f]{8}$/);
});

test('it restarts on the files that it reads, and is on the network of the host', () => {
  const machine = inRoot({ ports: ['8080:80'] });
  expect(machine.manifest.units['db.service']).toEqual({ state: 'active', enabled: true, restartOn: [UNIT, NSPAWN] });
  expect(machine.host.network.model.members).toMatchObject([
    { name: 'db', address: machine.address, published: [{ host: '8080', container: '80', protocol: 'tcp' }] },
  ]);
});

test.each([
  ['host', []],
  ['none', ['PrivateNetwork=yes']],
] as const)('with the network "%s" it has no namespace of its own', (network, lines) => {
  const machine = inRoot({ network });
  expect(section(textOf(machine, UNIT), 'Service').filter((line) => /Network/.test(line))).toEqual(lines);
  expect(Object.keys(machine.manifest.files)).toEqual([NSPAWN, UNIT]);
  expect(machine.host.services).toEqual([machine]);
  expect(() => machine.address).toThrow('Cannot connect "shop/host/db": it is not on a Network');
});

test('without a command it boots, and gets the signal that its init expects', () => {
  const lines = section(textOf(inRoot(), NSPAWN), 'Exec');
  expect(lines).toContain('Boot=yes');
  expect(lines.join()).not.toMatch(/Parameters|KillSignal/);
  expect(textOf(inRoot(), UNIT)).not.toContain('TimeoutStopSec');
  expect(section(textOf(inRoot({ directives: { Exec: { Boot: false } } }), NSPAWN), 'Exec')).toContain('Boot=no');
});

test.each<[Partial<NspawnMachineProps>, string[]]>([
  [{ environment: { A: 'a "b" c' } }, [`Environment="A=a "'"'"b"'"'" c"`]],
  [{ workingDirectory: '/srv', user: 'www' }, ['WorkingDirectory=/srv', 'User=www']],
  [
    { capabilities: ['CAP_SYSLOG'] },
    ['Capability=CAP_SYSLOG', expect.stringMatching(/^DropCapability=CAP_AUDIT_CONTROL .*CAP_SYS_TTY_CONFIG$/)],
  ],
  [{ volumes: ['/srv/a:/b'] }, ['Bind=/srv/a:/b:idmap']],
  [{ volumes: ['/srv/a:/b:ro'], privateUsers: false }, ['BindReadOnly=/srv/a:/b', 'PrivateUsers=no']],
  [{ volumes: [{ source: '/a:b', target: '/c' }] }, ['Bind=/a\\:b:/c:idmap']],
  [{ readOnlyRoot: true }, ['ReadOnly=yes']],
  [{ ephemeral: true }, ['Ephemeral=yes']],
  [{ stopSignal: 'SIGINT', command: ['/bin/db'] }, ['KillSignal=SIGINT']],
  [{ hostname: 'other.example.org' }, ['Hostname=other.example.org']],
  [
    { tmpfs: ['/cache', '/run/app:size=64m,mode=755'] },
    ['TemporaryFileSystem=/cache:nosuid,nodev', 'TemporaryFileSystem=/run/app:nosuid,nodev,size=64m,mode=755'],
  ],
  [
    { tmpfs: ['/cache'], shmSize: '1M' },
    ['TemporaryFileSystem=/cache:nosuid,nodev', 'TemporaryFileSystem=/dev/shm:nosuid,nodev,mode=1777,size=1048576'],
  ],
  [
    { ulimits: { nofile: 65_536, cpu: { soft: 60, hard: -1 }, memlock: -1 } },
    ['LimitNOFILE=65536', 'LimitCPU=60:infinity', 'LimitMEMLOCK=infinity'],
  ],
  [{ ulimits: { nice: { soft: 0, hard: -1 } } }, ['LimitNICE=0:40']],
  [{ devices: ['/dev/fuse'], volumes: ['/srv/a:/b'] }, ['Bind=/srv/a:/b:idmap', 'Bind=/dev/fuse']],
  [
    { directives: { Exec: { Hostname: 'other', ResolvConf: 'copy-host' } } },
    ['Hostname=other', 'ResolvConf=copy-host'],
  ],
])('%j becomes %j', (props, lines) => {
  expect(textOf(inRoot(props), NSPAWN).split('\n')).toEqual(expect.arrayContaining(lines));
});

test('limits, restarts and directives of the unit go to the unit', () => {
  const lines = section(
    textOf(inRoot({ memory: '1G', restart: 'always', stopTimeout: '10s', directives: { Service: { Nice: 5 } } }), UNIT),
    'Service',
  );
  expect(lines).toEqual(expect.arrayContaining(['MemoryMax=1G', 'Restart=always', 'TimeoutStopSec=10', 'Nice=5']));
});

test('the unit allows its devices, takes the end by its signal for one, and removes what an ephemeral root leaves', () => {
  const props = { devices: ['/dev/fuse'], stopSignal: 'SIGINT', ephemeral: true, command: ['/bin/db'] } as const;
  const lines = section(textOf(inRoot(props), UNIT), 'Service');
  expect(lines).toEqual(
    expect.arrayContaining([
      'DeviceAllow=/dev/fuse rwm',
      'SuccessExitStatus=133 143 130',
      expect.stringMatching(/^ExecStopPost=-sh -c ".*rm -rf --one-file-system .*" \/srv db$/),
    ]),
  );
  expect(textOf(inRoot(), UNIT)).not.toMatch(/rm -rf|fuse/);
});

test('a config file is mounted with the owners of the host', () => {
  const scope = host();
  const conf = new ConfigFile(scope, 'conf', { path: '/etc/db.conf', content: '' });
  const machine = make({ root: '/srv/db', volumes: [{ source: conf, target: '/etc/db.conf' }] }, scope);
  expect(textOf(machine, NSPAWN)).toContain('BindReadOnly=/etc/db.conf:/etc/db.conf\n');
  expect(machine.manifest.units['db.service']?.triggers).toHaveProperty(['/etc/db.conf']);
});

/** Key of the root that a machine copies. */
const imageOf = ({ manifest }: NspawnMachine) =>
  Object.keys(manifest.objects).find((key) => key.startsWith('image-root:')) ?? '';

test('a tar image is unpacked to the directory of its name', () => {
  const path = join(temporaryDirectory(), 'db.tar');
  writeFileSync(path, 'not looked into');
  const machine = make({ image: Image.tar(path), command: ['/bin/db'] });
  const root = 'machine-root:/var/lib/machines/db';
  const image = imageOf(machine);
  expect(machine.manifest.objects).toMatchObject({
    [image]: { asset: machine.assets[0]?.digest, spec: { format: 'tar', bare: 'true' } },
    [root]: { spec: { image: image.replace('image-root:', '') } },
  });
  expect(machine.manifest.units['db.service']?.restartOn).toEqual([UNIT, NSPAWN, root]);
  expect(textOf(machine, UNIT)).toContain('--machine=db\n');
  expect(textOf(machine, NSPAWN)).toContain('PrivateUsersOwnership=auto');
  const kept = make({ image: Image.tar(path), command: ['/bin/db'], removalPolicy: 'retain' });
  expect(kept.manifest.objects[root]).toMatchObject({ retain: true });
});

describe('an OCI image', () => {
  const archive = () => {
    const path = join(temporaryDirectory(), 'db.tar');
    const config = {
      Entrypoint: ['/entry'],
      Cmd: ['serve'],
      Env: ['PATH=/bin', 'A=1=2'],
      WorkingDir: '/w',
      User: '70',
      StopSignal: 'QUIT',
    };
    return { path, ...writeOciArchive(path, config) };
  };

  test('says how it is run', () => {
    const { path } = archive();
    const machine = make({ image: Image.ociArchive(path), environment: { A: 'x' } });
    expect(section(textOf(machine, NSPAWN), 'Exec')).toEqual(
      expect.arrayContaining([
        'Boot=no',
        'Parameters=/entry serve',
        'Environment=PATH=/bin',
        'Environment=A=x',
        'WorkingDirectory=/w',
        'User=70',
        'KillSignal=SIGQUIT',
      ]),
    );
    expect(machine.manifest.objects[imageOf(machine)]?.spec).toEqual({
      format: 'oci-archive',
      architecture: 'amd64',
      bare: 'true',
    });
  });

  test.each<[Partial<NspawnMachineProps>, string]>([
    [{ args: ['check'] }, 'Parameters=/entry check'],
    [{ command: ['/bin/sh'] }, 'Parameters=/bin/sh'],
    [{ command: ['/bin/sh'], args: ['-l'] }, 'Parameters=/bin/sh -l'],
  ])('with %j runs %s', (props, line) => {
    expect(section(textOf(make({ image: Image.ociArchive(archive().path), ...props }), NSPAWN), 'Exec')).toContain(
      line,
    );
  });
});

test('its address is the same every time, and one of the host', () => {
  const { address } = make({ root: '/srv/db' });
  expect(make({ root: '/srv/other' }).address).toBe(address);
  expect(new NspawnMachine(host({ subnet: '10.9.0.0/24' }), 'db', { root: '/srv/db' }).address).toMatch(
    /^10\.9\.0\.\d+$/,
  );
  expect(make({ root: '/srv/db', address: '10.77.0.2' }, host({ subnet: '10.77.0.0/16' })).address).toBe('10.77.0.2');
});

test.each<[NspawnMachineProps, string]>([
  [{}, 'neither is given, expected either image or root (at shop/host/db)'],
  [{ root: '/a', image: Image.tar('x') }, 'both are given, expected either image or root (at shop/host/db)'],
  [
    { root: 'a' },
    'Cannot use as root "a": is not an absolute path, expected an absolute path without "." and ".." (at shop/host/db.root)',
  ],
  [
    { root: '/a', address: '192.0.2.1' },
    'Cannot use address "192.0.2.1": is not in the network, expected an address in 10.72.128.0/18 (at shop/host/db.address)',
  ],
  [
    { root: '/a', removalPolicy: 'retain' },
    'Cannot set removalPolicy to "retain": the root is your own directory, which Bulkhead never removes',
  ],
  [{ root: '/a', devices: ['fuse'] }, 'Cannot give access to "fuse": is not a device node, expected a path such as'],
  [{ root: '/a', hostname: 'a b' }, 'Cannot set hostname to "a b": is not a hostname'],
  [
    { root: '/a', tmpfs: ['/cache', '/run:size=64m'] },
    'Cannot mount "/run": systemd-nspawn has mounted its own directory in memory on /run, with mode 755, expected a path such as "/run/app" or "/cache" (at shop/host/db.tmpfs[1])',
  ],
  [{ root: '/a', tmpfs: ['/run/host/x'] }, 'Cannot mount "/run/host/x"'],
  [{ root: '/a', tmpfs: ['/dev/shm'], shmSize: '1M' }, 'tmpfs also mounts /dev/shm, expected one of the two'],
  [{ root: '/a', shmSize: '1M', directives: { Files: { TemporaryFileSystem: ['/a'] } } }, 'already set by shmSize'],
  [{ root: '/a', ulimits: { nofile: 1.5 } }, '(at shop/host/db.ulimits.nofile)'],
  [
    { root: '/a', ulimits: { nofile: 1 }, directives: { Exec: { LimitNOFILE: 2 } } },
    'Cannot set LimitNOFILE in directives.Exec: already set by ulimits',
  ],
  [{ root: '/a', name: 'a_b' }, 'Cannot name a machine "a_b": is not a hostname'],
  [
    { root: '/a', directives: { Exec: { PrivateUsers: false } } },
    'Cannot set PrivateUsers in directives.Exec: already set by privateUsers',
  ],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('nothing is wrong with a machine that uses everything', () => {
  const machine = inRoot({
    command: ['/bin/db'],
    ports: [1, '2:3'],
    memory: '1G',
    capabilities: [],
    volumes: ['/a:/b'],
    hostname: 'db.example.org',
    tmpfs: ['/cache:size=1m'],
    shmSize: '1M',
    devices: ['/dev/fuse'],
    ulimits: { nofile: 1024, core: 0, rttime: 5, nice: 1 },
  });
  expect(problemsOf(machine.host)).toEqual([]);
});

test('systemd refuses a hostname with an underscore', () => {
  expect(problemsOf(inRoot({ hostname: 'a_b' }).host)).toEqual([
    expect.stringContaining('Cannot use Hostname in [Exec]: is "a_b", expected a host name'),
  ]);
});
