import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Image, IncusInstance, type InstanceProps, LxdInstance } from 'bulkhead';
import { writeOciArchive } from '../oci-image';
import { host, temporaryDirectory } from '../testing';

function archive(): Image {
  const path = join(temporaryDirectory(), 'web.oci.tar');
  writeOciArchive(path, { Cmd: ['/bin/web'] });
  return Image.ociArchive(path);
}

function disk(): Image {
  const path = join(temporaryDirectory(), 'disk.tar');
  writeFileSync(path, 'x');
  return Image.tar(path);
}

const make = (props: Partial<InstanceProps>, id = 'web') =>
  new IncusInstance(host(), id, { image: archive(), ...props });

test.each<[string, Partial<InstanceProps>, string]>([
  ['type', { type: 'vm' as 'container' }, 'expected "container" or "virtual-machine" (at shop/host/web.type)'],
  ['network', { network: 'host' }, 'an instance of Incus has its own network, expected a Network, "none"'],
  ['user', { user: 'www' }, 'the image has no user "www"'],
  [
    'image',
    { image: Image.oci('docker.io/library/caddy:2') },
    'its default program is not known until the host has pulled it',
  ],
  ['health', { health: 'notify' }, 'the runtime of the service does not forward a notice'],
  ['cloudInit', { cloudInit: { userdata: 'x' } as object }, 'Cannot set "userdata": is not a prop, expected one of'],
  ['volumes', { volumes: [{ source: '/a\nb', target: '/c' }] }, "has a line break, which LXC's config can't express"],
  ['workingDirectory', { workingDirectory: '/a\nb' }, '(at shop/host/web.workingDirectory)'],
  [
    'an unknown key',
    { directives: { config: { 'limits.memroy': '1GB' } as object } },
    'Cannot write limits.memroy "1GB" in [config]: is unknown, expected limits.memory',
  ],
  ["another engine's key", { directives: { config: { 'security.devlxd': true } } }, 'is only for LXD'],
  [
    'a key of virtual machines',
    { directives: { config: { 'security.secureboot': false } } },
    'is only for a virtual-machine',
  ],
  [
    'a value of the wrong kind',
    { directives: { config: { 'security.nesting': 'yes' as unknown as boolean } } },
    'Cannot write security.nesting "yes" in [config]: is string, expected true or false',
  ],
  [
    'an unknown device',
    { directives: { devices: { x: { type: 'disc' } as unknown as { type: 'none' } } } },
    'is "disc", expected one of disk, nic',
  ],
  [
    'an unknown key of a device',
    { directives: { devices: { x: { type: 'disk', readOnly: true } as unknown as { type: 'disk' } } } },
    'Cannot write x.readOnly in [devices]: is unknown, expected readonly',
  ],
  [
    'what Bulkhead decides',
    { directives: { config: { 'user.bulkhead': 'x' } } },
    'Cannot set user.bulkhead to "x": the image prop sets it',
  ],
  [
    'a variable twice',
    { environment: { A: '1' }, directives: { config: { 'environment.A': '2' } } },
    'Cannot set "environment.A": the environment also sets it, expected one of the two',
  ],
  [
    'a limit twice',
    { memory: '1G', directives: { config: { 'limits.memory': '2GiB' } } },
    'Cannot limit "limits.memory": a limit of the service also sets it',
  ],
  ['a limit that is not a number', { ulimits: { nofile: 1.5 } }, '(at shop/host/web.ulimits.nofile)'],
  [
    'a limit of processes twice',
    { ulimits: { nofile: 1 }, directives: { config: { 'limits.kernel.nofile': '2' } } },
    'Cannot set limits.kernel.nofile in directives.config: already set by ulimits',
  ],
  ['a hostname with a blank', { hostname: 'a b' }, 'Cannot set hostname to "a b": is not a hostname'],
  ['a directory in memory on its root', { tmpfs: ['/'] }, '(at shop/host/web.tmpfs[0])'],
  [
    'a directory in memory below a volume',
    { tmpfs: ['/data', '/database', '/data/cache/'], volumes: ['/srv:/data/'] },
    'Cannot mount "/data": the volume on /data/ is mounted over it, expected a path outside of volumes (at shop/host/web.tmpfs[0])',
  ],
  [
    'a directory in memory deeper in a volume',
    { tmpfs: ['/database', '/data/cache/'], volumes: ['/srv:/data'] },
    '(at shop/host/web.tmpfs[1])',
  ],
  ['a line break in a directory in memory', { tmpfs: ['/a', '/a\nb'] }, '(at shop/host/web.tmpfs[1])'],
  [
    'a size of /dev/shm twice',
    { tmpfs: ['/dev/shm:size=1g'], shmSize: '1G' },
    'Cannot set shmSize to "1G": tmpfs also mounts /dev/shm, expected one of the two (at shop/host/web.shmSize)',
  ],
  [
    'another file of mounts',
    { tmpfs: ['/cache'], directives: { config: { 'raw.lxc': 'lxc.mount.fstab = /etc/mine\n' } } },
    'Cannot set "lxc.mount.fstab": the file has the directories in memory of tmpfs, shmSize or readOnlyRoot, expected lxc.mount.entry in raw.lxc, or a volume (at shop/host/web.directives.config)',
  ],
  ['a file that is not a device', { devices: ['/etc/passwd'] }, '(at shop/host/web.devices[0])'],
  [
    'a group',
    { groups: ['27'] },
    'Cannot add to groups "27": LXC gives further groups only to a container that shares the users of the host, expected privateUsers: false, or one of ContainerdService, DockerService, OciService, PodmanService (at shop/host/web.groups)',
  ],
  ['a group that the image lacks', { groups: ['x'], privateUsers: false }, '(at shop/host/web.groups[0])'],
  [
    'a directive of processes',
    { directives: { Service: { PrivateTmp: true } } },
    'Incus runs the instance outside the unit, expected its counterpart in directives.config',
  ],
])('%s is refused, with what is expected', (_, props, message) => {
  expect(() => make(props)).toThrow(message);
});

test.each(['web_1', 'web.de', '1web', 'web-', 'a'.repeat(55)])('the name %s is refused', (id) => {
  expect(() => make({}, id)).toThrow(
    'Incus does not accept it as a hostname, expected at most 54 letters, digits and "-"',
  );
});

describe('a virtual machine', () => {
  const vm = (props: Partial<InstanceProps> = {}) => make({ type: 'virtual-machine', image: disk(), ...props });

  test('is asked of the host, and boots a disk', () => {
    const { objects, requires } = vm().manifest;
    expect(requires).toHaveProperty('incus-qemu');
    const [key] = Object.keys(objects).filter((key) => key.startsWith('incus-image:'));
    expect(key).toBe(`incus-image:${objects[key ?? '']?.asset}`);
  });

  test('learns its addresses from cloud-init, and has whole processors', () => {
    const { spec } = vm({ cpu: 2, memory: '1G' }).manifest.objects['incus-instance:web'] ?? {};
    expect(JSON.parse(spec?.config ?? '')['cloud-init.network-config']).toContain('via: 169.254.1.1, on-link: true');
    expect(JSON.parse(spec?.limits ?? '')).toEqual({ 'limits.cpu': '2', 'limits.memory': '1073741824' });
    expect(spec?.config).not.toMatch(/idmap|raw\.lxc|environment/);
  });

  test.each<[string, Partial<InstanceProps>, string]>([
    [
      'a root',
      { image: archive() },
      'has a root file system, but no disk that a virtual machine can boot, expected Image.tar(path)',
    ],
    ['a command', { command: ['/bin/web'] }, 'boots its own kernel and init, expected cloudInit'],
    ['a read-only root', { readOnlyRoot: true }, 'Cannot set readOnlyRoot to'],
    ['part of a processor', { cpu: 0.5 }, 'a virtual machine gets whole processors'],
    ['tasks', { tasks: 5 }, "the host can't count its processes"],
    ['health', { health: { tcp: 80 } }, "the host can't look into a virtual machine"],
    ['volumes', { volumes: ['/srv:/srv'] }, 'Cannot set volumes to'],
    ['a hostname', { hostname: 'vm' }, 'Cannot set hostname to'],
    ['limits of processes', { ulimits: { nofile: 1 } }, 'Cannot set ulimits to'],
    ['device nodes', { devices: ['/dev/fuse'] }, 'Cannot set devices to'],
    ['directories in memory', { tmpfs: ['/cache'] }, 'Cannot set tmpfs to'],
    ['shared memory', { shmSize: '1G' }, 'Cannot set shmSize to'],
    ['groups', { groups: ['27'] }, 'Cannot set groups to'],
  ])('is refused with %s', (_, props, message) => {
    expect(() => vm(props)).toThrow(message);
  });
});

test('LXD has keys of its own', () => {
  const props = { image: archive(), directives: { config: { 'security.guestapi': true } } };
  expect(() => new LxdInstance(host(), 'web', props)).toThrow('is only for Incus');
});
