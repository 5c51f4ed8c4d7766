import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFile, Image, NspawnMachine, type NspawnMachineProps } from 'bulkhead';
import { writeOciArchive } from './oci-image';
import { host, problemsOf, section, temporaryDirectory, textOf } from './testing';

const NSPAWN = '/etc/systemd/nspawn/db.nspawn';
const UNIT = '/etc/systemd/system/db.service';
const NETWORK = '/etc/systemd/system/db-network.service';
const make = (props: NspawnMachineProps, scope = host()) => new NspawnMachine(scope, 'db', props);
const inRoot = (props: Partial<NspawnMachineProps> = {}) => make({ root: '/srv/db', address: '10.77.0.2', ...props });

test('a machine is a .nspawn file, the unit that runs it, and the unit of its network', () => {
  const machine = inRoot({ command: ['/bin/db', '-D', '/data'] });
  expect(Object.keys(machine.manifest.files)).toEqual([NETWORK, NSPAWN, UNIT]);
  expect(textOf(machine, NSPAWN)).toBe(`[Exec]
Boot=no
Parameters=/bin/db -D /data
KillSignal=SIGTERM
PrivateUsers=pick
ResolvConf=off
Timezone=off

[Files]
PrivateUsersOwnership=map
`);
  expect(textOf(machine, UNIT)).toBe(`[Unit]
Requires=db-network.service
RequiresMountsFor=/srv/db
After=network.target db-network.service
Description=db

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

[Install]
WantedBy=multi-user.target
`);
});

test('its network is a namespace with one address, and clears what an earlier start left', () => {
  const lines = section(textOf(inRoot(), NETWORK), 'Service');
  expect(lines).toEqual([
    'Type=oneshot',
    'RemainAfterExit=yes',
    'ExecStartPre=-ip netns delete bh-db',
    'ExecStartPre=-ip link delete bh-db',
    'ExecStart=ip netns add bh-db',
    'ExecStart=ip link add bh-db type veth peer name eth0 netns bh-db',
    'ExecStart=ip -n bh-db link set lo up',
    'ExecStart=ip -n bh-db address add 10.77.0.2/32 dev eth0',
    'ExecStart=ip -n bh-db link set eth0 up',
    'ExecStart=ip -n bh-db route add 169.254.1.1 dev eth0 scope link',
    'ExecStart=ip -n bh-db route add 10.77.0.0/16 via 169.254.1.1 dev eth0',
    'ExecStart=ip netns exec bh-db sysctl -q -w net/ipv4/ip_unprivileged_port_start=0',
    'ExecStart=ip address add 169.254.1.1/32 dev bh-db',
    'ExecStart=ip link set bh-db up',
    'ExecStart=ip route add 10.77.0.2/32 dev bh-db',
    'ExecStart=sysctl -q -w net/ipv4/conf/bh-db/forwarding=1',
    'ExecStopPost=-ip netns delete bh-db',
    'ExecStopPost=-ip link delete bh-db',
  ]);
});

test('the link of a machine with a long name is a digest that the kernel takes', () => {
  const machine = new NspawnMachine(host(), 'a-rather-long-name', { root: '/srv/x' });
  const [, link] =
    /NetworkNamespacePath=\/run\/netns\/(\S+)/.exec(
      textOf(machine, '/etc/systemd/system/a-rather-long-name.service'),
    ) ?? [];
  expect(link).toMatch(/^bh-[0-9a-f]{8}$/);
});

test('each unit restarts on the files that it reads, and on no other', () => {
  const { units } = inRoot({ ports: ['8080:80'] }).manifest;
  expect(units).toEqual({
    'db-network.service': { state: 'active', restartOn: [NETWORK] },
    'db.service': { state: 'active', enabled: true, restartOn: [UNIT, NSPAWN] },
    'db-8080.socket': {
      state: 'active',
      enabled: true,
      restartOn: ['/etc/systemd/system/db-8080.socket', '/etc/systemd/system/db-8080.service'],
    },
  });
});

test('a port is a socket of the host whose proxy connects to the address of the machine', () => {
  const machine = inRoot({ ports: ['8080:80', '127.0.0.1:5432:5432'] });
  expect(section(textOf(machine, '/etc/systemd/system/db-8080.socket'), 'Socket')).toContain('ListenStream=8080');
  expect(section(textOf(machine, '/etc/systemd/system/db-127.0.0.1-5432.socket'), 'Socket')).toContain(
    'ListenStream=127.0.0.1:5432',
  );
  expect(section(textOf(machine, '/etc/systemd/system/db-8080.service'), 'Service')).toContain(
    'ExecStart=/usr/lib/systemd/systemd-socket-proxyd 10.77.0.2:80',
  );
});

test('a UDP port is a proxy of the host, apart from a TCP port of the same number', () => {
  const machine = inRoot({ ports: ['53:53', '53:53/udp', '127.0.0.1:5353:53/udp', '[::1]:5353:53/udp'] });
  const lines = (unit: string) => section(textOf(machine, `/etc/systemd/system/${unit}`), 'Service').join('\n');
  const start = 'ExecStart=socat -t 5 -T 5';
  expect(lines('db-53-udp.service')).toContain(
    `${start} UDP6-RECVFROM:53,ipv6only=0,reuseaddr,fork UDP4:10.77.0.2:53\n`,
  );
  expect(lines('db-127.0.0.1-5353-udp.service')).toContain(`${start} UDP4-RECVFROM:5353,bind=127.0.0.1,reuseaddr,fork`);
  expect(lines('db-::1-5353-udp.service')).toContain(`${start} UDP6-RECVFROM:5353,bind=[::1],reuseaddr,fork`);
  expect(lines('db-53-udp.service')).toContain('AmbientCapabilities=CAP_NET_BIND_SERVICE');
  expect(lines('db-127.0.0.1-5353-udp.service')).toContain('PrivateUsers=yes');
  expect(problemsOf(machine.host)).toEqual([]);
  expect(machine.manifest.units).toMatchObject({
    'db-53.socket': { state: 'active', enabled: true },
    'db-53-udp.service': { state: 'active', enabled: true, restartOn: ['/etc/systemd/system/db-53-udp.service'] },
  });
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
      'DeviceAllow=/dev/fuse rw',
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

test('a tar image is unpacked to the directory of its name', () => {
  const path = join(temporaryDirectory(), 'db.tar');
  writeFileSync(path, 'not looked into');
  const machine = make({ image: Image.tar(path), command: ['/bin/db'] });
  expect(machine.manifest.images).toEqual({
    '/var/lib/machines/db': { store: 'machines', format: 'tar', asset: machine.assets[0]?.digest },
  });
  expect(machine.manifest.units['db.service']?.restartOn).toEqual([UNIT, NSPAWN, '/var/lib/machines/db']);
  expect(textOf(machine, UNIT)).toContain('--machine=db\n');
  expect(textOf(machine, NSPAWN)).toContain('PrivateUsersOwnership=auto');
  const kept = make({ image: Image.tar(path), command: ['/bin/db'], removalPolicy: 'retain' });
  expect(Object.values(kept.manifest.images)).toMatchObject([{ retain: true }]);
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
    const { path, id } = archive();
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
    expect(machine.manifest.images['/var/lib/machines/db']?.id).toBe(id);
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
  expect(inRoot().address).toBe('10.77.0.2');
});

test.each<[NspawnMachineProps, string]>([
  [{}, 'neither is given, expected either image or root (at shop/host/db)'],
  [{ root: '/a', image: Image.tar('x') }, 'both are given, expected either image or root (at shop/host/db)'],
  [
    { root: 'a' },
    'Cannot use as root "a": is no absolute path, expected one without "." and ".." (at shop/host/db.root)',
  ],
  [
    { root: '/a', address: '192.0.2.1' },
    'Cannot use address "192.0.2.1": is none of the host, expected one inside of 10.77.0.0/16 (at shop/host/db)',
  ],
  [
    { root: '/a', removalPolicy: 'retain' },
    'Cannot set removalPolicy to "retain": the root is your own, which nothing removes',
  ],
  [{ root: '/a', devices: ['fuse'] }, 'Cannot give access to "fuse": is no device node, expected a path such as'],
  [{ root: '/a', name: 'a_b' }, 'Cannot name a machine "a_b": is no hostname'],
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
  });
  expect(problemsOf(machine.host)).toEqual([]);
});
