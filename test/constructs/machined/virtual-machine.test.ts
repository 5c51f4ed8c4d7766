import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigDirectory, ConfigFile, Image, MachineImage, VirtualMachine, type VirtualMachineProps } from 'bulkhead';
import { writeOciArchive } from '../oci-image';
import { host, problemsOf, section, temporaryDirectory, textOf } from '../testing';

const UNIT = '/etc/systemd/system/web.service';
const LINE = '/etc/bulkhead/vm/web/command-line';

function file(name: string, content = name): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, content);
  return path;
}

function archive(config: object = { Cmd: ['/bin/web', 'serve'] }): Image {
  const path = join(temporaryDirectory(), 'web.oci.tar');
  writeOciArchive(path, config);
  return Image.ociArchive(path);
}

const make = (props: Partial<VirtualMachineProps> = {}, scope = host()) =>
  new VirtualMachine(scope, 'web', { kernel: file('vmlinuz'), initrd: file('initrd'), ...props });
const serviceOf = (props: Partial<VirtualMachineProps> = {}) => section(textOf(make(props), UNIT), 'Service');
const qemuOf = (props: Partial<VirtualMachineProps> = {}) =>
  serviceOf(props).find((line) => line.startsWith('ExecStart=')) ?? '';

test('a machine is its unit, its texts, its kernel and initrd, and its network', () => {
  const { files, units } = make().manifest;
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining([UNIT, LINE, '/var/lib/bulkhead-vm/web/kernel', '/var/lib/bulkhead-vm/web/initrd']),
  );
  expect(units['web.service']).toMatchObject({ state: 'active', enabled: true });
  expect(units['web.service']?.restartOn).toEqual(expect.arrayContaining([LINE, '/var/lib/bulkhead-vm/web/kernel']));
  expect(units['web-network.service']).toMatchObject({ state: 'active' });
});

test('qemu runs as a user that is made up, in the namespace of the machine, and may open the tap and KVM alone', () => {
  expect(serviceOf()).toEqual(
    expect.arrayContaining([
      'DynamicUser=yes',
      'NetworkNamespacePath=/run/netns/bh-web',
      'DevicePolicy=closed',
      'DeviceAllow=/dev/net/tun rw',
      'DeviceAllow=/dev/kvm rw',
      'CapabilityBoundingSet=',
      'SystemCallFilter=@system-service',
    ]),
  );
  expect(serviceOf({ network: 'none' })).toContain('PrivateNetwork=yes');
  expect(qemuOf({ network: 'none' })).toContain(' -nic none');
});

test('machined is told about it before its health is asked for, whatever else comes after its start', () => {
  const after = (props: Partial<VirtualMachineProps>) =>
    serviceOf(props).filter((line) => line.startsWith('ExecStartPost='));
  const [register = '', probe = ''] = after({ health: { tcp: 80 } });
  expect(register).toMatch(
    /^ExecStartPost=\+sh -ec .*RegisterMachineWithNetwork.* web bh-web (?:0x[0-9a-f]{2} ?){16}$/,
  );
  expect(probe).toMatch(/^ExecStartPost=\+\/bin\/bash .* nsenter --net=\/run\/netns\/bh-web bash -c .* 10\.\S+ 80$/);
  const own = after({ directives: { Service: { ExecStartPost: ['/bin/own', 'x'] } } });
  expect(own).toEqual([register, 'ExecStartPost=/bin/own x']);
});

test('memory is that of the guest, and the unit may have what qemu takes beside it', () => {
  expect(qemuOf()).toContain(' -m 512M -smp 1 ');
  expect(qemuOf({ memory: '1.5G', cpu: 1.5 })).toContain(' -m 1536M -smp 2 ');
  expect(serviceOf({ memory: '1G', cpu: 1.5 })).toEqual(expect.arrayContaining(['MemoryMax=1408M', 'CPUQuota=150%']));
  expect(() => make({ memory: '32M' })).toThrow(
    'Cannot run a guest with memory of "32M": is less than a kernel needs, expected at least 64M (at shop/host/web.memory)',
  );
});

test.each(['tasks', 'workingDirectory', 'user', 'capabilities', 'args'])(
  '%s is refused, as it is up to the guest',
  (prop) => {
    expect(() => make({ [prop]: 1 } as Partial<VirtualMachineProps>)).toThrow(
      `Cannot set "${prop}": only the guest can apply it, since it has its own kernel, expected the setting inside the guest, or a service on`,
    );
  },
);

test('a guest finds its name and addresses on the command line of its kernel, and in credentials', () => {
  const machine = make();
  const { address, address6 } = machine.connections.member();
  expect(textOf(machine, LINE).split(/\s/)).toEqual(
    expect.arrayContaining([
      'bulkhead.hostname=web',
      'systemd.hostname=web',
      `bulkhead.address=${address}`,
      `bulkhead.address6=${address6}`,
      'bulkhead.gateway=169.254.1.2',
      'bulkhead.gateway6=fe80::2',
    ]),
  );
  expect(textOf(machine, '/etc/bulkhead/vm/web/network')).toContain(`Address=${address}/32\nAddress=${address6}/128\n`);
  expect(textOf(machine, UNIT)).toContain('io.systemd.credential:system.hostname=web');
  expect(textOf(machine, UNIT)).toContain('-smbios type=11,path=systemd.unit-dropin.multi-user.target ');
});

describe('variables', () => {
  test('are for process 1, and for the services of an init that is systemd', () => {
    expect(textOf(make({ environment: { GREETING: "it's a,$HOME;%h", EMPTY: '', PLAIN: 'x' } }), LINE)).toContain(
      ` "GREETING=it's a,$HOME;%h" "systemd.setenv=GREETING=it's a,$HOME;%h" EMPTY= systemd.setenv=EMPTY= PLAIN=x systemd.setenv=PLAIN=x`,
    );
  });

  test('are in no file that everybody can read, also when they are added later', () => {
    const machine = make({ environment: { PASSWORD: 'secret' } });
    machine.addEnvironment({ TOKEN: 'other' });
    for (const [path, { content = '', mode }] of Object.entries(machine.manifest.files))
      if (/secret|other/.test(content)) expect([path, mode]).toEqual([LINE, '0600']);
    expect(textOf(machine, LINE)).toContain(' TOKEN=other ');
  });

  test.each(['a"b', 'a\nb', 'ü'])('that a command line can not hold are refused: %j', (value) => {
    expect(() => make({ environment: { A: value } })).toThrow(
      /^Cannot set variable A to .* can't be on a kernel's command line, expected printable ASCII .*NspawnMachine \(at shop\/host\/web.environment.A\)$/,
    );
  });

  test('that are too many or too long are refused', () => {
    const many = Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`A${index}`, 'x']));
    expect(() => make({ environment: many })).toThrow('expected at most 30 (at shop/host/web.environment)');
    expect(() => make({ environment: { A: 'x'.repeat(600) } })).toThrow(/^Cannot boot with a command line of 1\d{3}/);
  });
});

describe('what it boots', () => {
  test('is the program of its image, in a disk that is made of it at each start', () => {
    const machine = make({ image: archive() });
    expect(textOf(machine, LINE)).toMatch(/ root=\/dev\/vda rw .* init=\/bin\/web -- serve\n$/);
    expect(section(textOf(machine, UNIT), 'Service')).toContain('OpenFile=/var/lib/bulkhead-vm/web/disk/root');
    expect(Object.keys(machine.manifest.objects)).toContainEqual(expect.stringMatching(/^image-root:/));
    expect(machine.manifest.requires).toHaveProperty('mke2fs');
    expect(textOf(make({ image: archive(), command: ['/bin/sh', '-c', 'echo 1'] }), LINE)).toMatch(
      / init=\/bin\/sh -- -c "echo 1"\n$/,
    );
  });

  test('is a disk that neither the guest nor qemu can write to, when its root is read-only', () => {
    const machine = make({ image: archive(), readOnlyRoot: true, volumes: ['/srv/data:/data'] });
    expect(textOf(machine, LINE)).toContain(' root=/dev/vda ro ');
    expect(section(textOf(machine, UNIT), 'Service')).toContain(
      'OpenFile=/var/lib/bulkhead-vm/web/disk/root::read-only',
    );
    expect(textOf(machine, UNIT).match(/read-only=on/g)).toHaveLength(2);
    const [, root] = Object.entries(machine.manifest.objects).find(([key]) => key.startsWith('image-root:')) ?? [];
    expect(root?.spec?.mountPoints).toBe('/data');
  });

  test('is a disk of the host, by its boot loader or with a kernel', () => {
    const scope = host();
    const machine = new VirtualMachine(scope, 'web', { disk: '/srv/web.qcow2' });
    expect(textOf(machine, UNIT)).toContain('filename=/dev/fdset/1');
    expect(textOf(machine, UNIT)).toContain('driver=qcow2,node-name=disk');
    expect(machine.claims).toContainEqual({ claim: 'disk /srv/web.qcow2', prop: 'disk' });
    new VirtualMachine(scope, 'api', { disk: { path: '/srv/web.qcow2', format: 'qcow2' } });
    expect(problemsOf(scope).join()).toContain('disk /srv/web.qcow2');
    expect(qemuOf({ disk: '/srv/web' })).toContain('driver=raw,node-name=disk');
  });

  test('is a raw image of the host that can be written to', () => {
    const scope = host();
    const golden = new MachineImage(scope, 'golden', { raw: file('disk.raw') });
    const clone = new MachineImage(scope, 'clone', { clone: golden });
    const machine = new VirtualMachine(scope, 'web', { disk: clone });
    expect(textOf(machine, UNIT)).toContain('OpenFile=/var/lib/machines/clone.raw\n');
    expect(machine.dependencies).toContain(clone);
    expect(() => new VirtualMachine(scope, 'api', { disk: golden })).toThrow('expected a clone of it');
  });

  test.each<[string, Partial<VirtualMachineProps>, string]>([
    [
      'nothing',
      { kernel: undefined, initrd: undefined } as object,
      'there is nothing to boot, expected a kernel or a disk',
    ],
    ['an image and a disk', { image: archive(), disk: '/srv/x' }, 'expected either image or disk'],
    [
      'words for a boot loader',
      { kernel: undefined, initrd: undefined, disk: '/srv/x', commandLine: ['quiet'] } as object,
      'the boot loader of the disk decides that',
    ],
    ['a kernel that is not there', { kernel: '/nowhere' }, 'Cannot boot "/nowhere": does not exist'],
    ['a disk with a colon', { disk: '/srv/a:b' }, 'its path has a colon'],
    [
      'a disk of the user that is read-only',
      { disk: '/srv/x', readOnlyRoot: true },
      'the disk is your own, which the guest writes to, expected an image, too (at shop/host/web.readOnlyRoot)',
    ],
    ['an initrd that is read-only', { readOnlyRoot: true }, 'there is no disk, expected an image, too'],
    ['the network of the host', { network: 'host' }, "expected host.network, a Network of your own or 'none'"],
    ['a probe that runs in it', { health: { command: ['/bin/is'] } }, "the host can't run a program in the guest"],
    ['a notice of its own', { health: 'notify' }, 'the runtime of the service does not forward a notice'],
    ['a program that a kernel would have to look for', { command: ['sh'] }, '(at shop/host/web.command)'],
    ['a word with a quote', { commandLine: ['a"b'] }, '(at shop/host/web.commandLine[0])'],
  ])('is refused when it is %s', (_, props, message) => {
    expect(() => make(props)).toThrow(message);
  });
});

describe('volumes', () => {
  test('are served by units of their own, which start with it, and whose sockets are for root alone', () => {
    const machine = make({ volumes: ['/srv/data:/data', '/srv/www:/www:ro'] });
    const { files, units } = machine.manifest;
    expect(units['web-volume0.socket']).toMatchObject({ state: 'active' });
    expect(section(textOf(machine, '/etc/systemd/system/web-volume0.socket'), 'Socket')).toEqual(
      expect.arrayContaining(['ListenStream=/run/bulkhead/vm/web-volume0', 'SocketMode=0600', 'DirectoryMode=0700']),
    );
    const server = section(textOf(machine, '/etc/systemd/system/web-volume1.service'), 'Service');
    expect(server).toContain('RestrictSUIDSGID=yes');
    expect(server.find((line) => line.startsWith('ExecStart='))).toMatch(/ --shared-dir=\/srv\/www .* --readonly$/);
    expect(textOf(machine, '/etc/bulkhead/vm/web/fstab')).toBe(
      'volume0 /data virtiofs rw 0 0\nvolume1 /www virtiofs ro 0 0\n',
    );
    expect(textOf(machine, LINE)).toContain(' bulkhead.volumes=volume0:/data:rw,volume1:/www:ro');
    expect(textOf(machine, UNIT)).toContain(
      'OpenFile=/run/bulkhead/vm/web-volume0\nOpenFile=/run/bulkhead/vm/web-volume1\n',
    );
    expect(units['web.service']?.restartOn).toContain('/etc/systemd/system/web-volume1.service');
    expect(Object.keys(files)).toHaveLength(new Set(Object.keys(files)).size);
  });

  test('are directories, of constructs, too, whose changes restart it', () => {
    const scope = host();
    const source = temporaryDirectory();
    writeFileSync(join(source, 'index.html'), 'x');
    const pages = new ConfigDirectory(scope, 'pages', { path: '/srv/pages', source });
    const machine = make({ volumes: [{ source: pages, target: '/www' }] }, scope);
    expect(machine.manifest.units['web.service']?.triggers).toEqual({ '/srv/pages': pages.fingerprint });
    const one = new ConfigFile(scope, 'one', { path: '/srv/one', content: 'x' });
    expect(
      () => new VirtualMachine(scope, 'api', { kernel: file('k'), volumes: [{ source: one, target: '/x' }] }),
    ).toThrow(
      'Cannot mount "shop/host/one": is a file, and a guest mounts only directories, expected a ConfigDirectory',
    );
  });

  test.each(['/a b', '/a,b', '/a"b'])('are not mounted on a path that a command line can not hold: %j', (target) => {
    expect(() => make({ volumes: [{ source: '/srv/x', target }] })).toThrow(/^Cannot mount on .*volumes\[0\]\)$/);
  });
});

test('all of it is known to the catalogs', () => {
  const scope = host();
  make({ volumes: ['/srv/a:/b'], health: { http: 'http://localhost/' }, image: archive(), ports: ['8080:80'] }, scope);
  expect(problemsOf(scope)).toEqual([]);
});
