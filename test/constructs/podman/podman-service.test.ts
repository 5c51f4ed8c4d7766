import { join } from 'node:path';
import { ConfigFile, type ContainerSection, Image, PodmanService, type PodmanServiceProps } from 'bulkhead';
import { writeOciArchive } from '../oci-image';
import { host, problemsOf, section, temporaryDirectory, textOf } from '../testing';

const PATH = '/etc/containers/systemd/web.container';
const make = (props: Partial<PodmanServiceProps> = {}, scope = host()) =>
  new PodmanService(scope, 'web', { image: 'docker.io/library/caddy:2', ...props });
const containerOf = (props: Partial<PodmanServiceProps>) => section(textOf(make(props), PATH), 'Container');

test('a service with an image alone is a short Quadlet file', () => {
  expect(textOf(make(), PATH)).toBe(`[Unit]
Description=web
StartLimitIntervalSec=0

[Container]
Image=docker.io/library/caddy:2
ContainerName=web
NoNewPrivileges=true

[Service]
TimeoutStartSec=15min
Restart=on-failure
RestartSec=2

[Install]
WantedBy=multi-user.target
`);
});

test('paths that Quadlet would copy wrongly are waited for by the unit itself, beside those of the user', () => {
  const volumes = [{ source: '/srv/a b', target: '/c' }, '/srv/d:/d', { source: '/e"$f', target: '/g' }] as const;
  const directives = { Unit: { RequiresMountsFor: '/mnt' } };
  expect(section(textOf(make({ volumes, directives }), PATH), 'Unit')).toEqual([
    'Description=web',
    'StartLimitIntervalSec=0',
    'RequiresMountsFor=/mnt',
    'RequiresMountsFor="/srv/a b"',
    'RequiresMountsFor="/e\\"$f"',
  ]);
  expect(textOf(make({ volumes: ['/srv/d:/d'] }), PATH)).not.toContain('RequiresMountsFor');
});

test('its unit is made by a generator, which decides about boot', () => {
  expect(make().manifest).toMatchObject({
    runtime: 'podman',
    objects: {},
    units: { 'web.service': { state: 'active', restartOn: [PATH] } },
  });
  expect(make().manifest.units['web.service']).not.toHaveProperty('enabled');
});

test.each<[Partial<PodmanServiceProps>, string[]]>([
  [{ command: ['/bin/sh', '-c', 'echo $1'], args: ['x'] }, ['Entrypoint=/bin/sh', 'Exec=-c "echo $$1" x']],
  [{ command: ['sh', '', ';'], args: ['"'] }, ['Entrypoint=["sh","",";","\\""]']],
  [{ command: ['/a\\', '$X'] }, ['Entrypoint=["/a\\\\","$$X"]']],
  [{ args: ['run', '--config', '/a b'] }, ['Exec=run --config "/a b"']],
  [{ workingDirectory: '/srv' }, ['WorkingDir=/srv']],
  [{ user: '1000:1000' }, ['User=1000:1000']],
  [{ environment: { A: 'x $Y %z' } }, ['Environment="A=x $$Y %%z"']],
  [{ environmentFiles: ['/etc/web.env'] }, ['EnvironmentFile=/etc/web.env']],
  [
    { ports: [8080, '80:8080', '127.0.0.1:53:53/udp', '[::1]:1:2'] },
    ['PublishPort=8080:8080', 'PublishPort=80:8080', 'PublishPort=127.0.0.1:53:53/udp', 'PublishPort=[::1]:1:2'],
  ],
  [{ volumes: ['/srv/a:/b', '/srv/c:/d:ro'] }, ['Volume=/srv/a:/b', 'Volume=/srv/c:/d:ro']],
  [{ volumes: [{ source: '/a', target: '/b ' }] }, ['Volume=/a:/b :rw']],
  [{ volumes: ['/a:/b:Z', '/c:/d:ro,z,U'] }, ['Volume=/a:/b:Z', 'Volume=/c:/d:ro,z,U']],
  [{ volumes: [{ source: '/a', target: '/b ', options: ['U'] }] }, ['Volume=/a:/b :rw,U']],
  [{ ports: ['8000-8001:80-81'] }, ['PublishPort=8000:80', 'PublishPort=8001:81']],
  [{ capabilities: [] }, ['DropCapability=all']],
  [{ capabilities: ['CAP_CHOWN'] }, ['DropCapability=all', 'AddCapability=CAP_CHOWN']],
  [{ readOnlyRoot: true }, ['ReadOnly=true']],
  [{ labels: { a: 'x $Y %z', 'b.c': '' } }, ['Label="a=x $$Y %%z"', 'Label=b.c=']],
  [{ hostname: 'web.example.org' }, ['HostName=web.example.org']],
  [{ tmpfs: ['/cache', '/run:size=64m,mode=755'] }, ['Tmpfs=/cache', 'Tmpfs=/run:size=64m,mode=755']],
  [{ devices: ['/dev/fuse'] }, ['AddDevice=/dev/fuse:rw']],
  [{ ulimits: { nofile: 65536, core: { soft: 0, hard: -1 } } }, ['Ulimit=nofile=65536:65536', 'Ulimit=core=0:-1']],
  [{ shmSize: '0.25G' }, ['ShmSize=268435456']],
  [{ groups: ['dialout', '27'] }, ['GroupAdd=dialout', 'GroupAdd=27']],
  [{ pull: 'newer' }, ['Pull=newer']],
  [{ stopTimeout: '90s' }, ['StopTimeout=90']],
  [
    { directives: { Container: { Notify: 'healthy', NoNewPrivileges: false } } },
    ['Notify=healthy', 'NoNewPrivileges=false'],
  ],
])('%j becomes %j', (props, lines) => {
  expect(containerOf(props)).toEqual(expect.arrayContaining(lines));
});

test('limits hold for the unit, whose control group the container is in', () => {
  const service = section(textOf(make({ memory: '512M', cpu: 0.5, tasks: 10 }), PATH), 'Service');
  expect(service).toEqual(expect.arrayContaining(['MemoryMax=512M', 'CPUQuota=50%', 'TasksMax=10']));
});

test('systemd waits longer for the container to stop than podman does', () => {
  expect(section(textOf(make({ stopTimeout: 60 }), PATH), 'Service')).toContain('TimeoutStopSec=75');
});

test.each<[string, Partial<PodmanServiceProps>, Partial<ContainerSection>]>([
  ['labels', { labels: { a: 'b' } }, { Label: { c: 'd' } }],
  ['hostname', { hostname: 'a' }, { HostName: 'b' }],
  ['tmpfs', { tmpfs: ['/a'] }, { Tmpfs: '/b' }],
  ['devices', { devices: ['/dev/fuse'] }, { AddDevice: '/dev/kvm' }],
  ['ulimits', { ulimits: { core: 0 } }, { Ulimit: 'core=1' }],
  ['shmSize', { shmSize: 1 }, { ShmSize: 2 }],
  ['groups', { groups: ['a'] }, { GroupAdd: 'b' }],
  ['pull', { pull: 'never' }, { Pull: 'always' }],
])('%s and its key are refused together, and an empty one leaves its key to directives', (prop, props, Container) => {
  const [key] = Object.keys(Container);
  expect(() => make({ ...props, directives: { Container } })).toThrow(
    `Cannot set ${key} in directives.Container: already set by ${prop}, expected one of the two (at shop/host/web.directives.Container)`,
  );
  const [value] = Object.values(props);
  const empty = Array.isArray(value) ? [] : typeof value === 'object' ? {} : undefined;
  expect(() => make({ [prop]: empty, directives: { Container } })).not.toThrow();
});

test('an archive is brought to the host under its digest and never pulled', () => {
  const path = join(temporaryDirectory(), 'web.tar');
  const { id } = writeOciArchive(path, { Cmd: ['/web'] });
  const web = make({ image: Image.ociArchive(path) });
  const [key = ''] = Object.keys(web.manifest.objects);
  const reference = key.replace('podman-image:', '');
  expect(reference).toMatch(/^localhost\/web:[0-9a-f]{12}$/);
  expect(web.manifest.objects[key]).toEqual({
    asset: expect.stringMatching(/^[0-9a-f]{64}$/),
    spec: { id, architecture: 'amd64' },
  });
  expect(web.manifest.objects[key]?.asset?.slice(0, 12)).toBe(reference.split(':')[1]);
  expect(web.assets).toEqual([{ digest: web.manifest.objects[key]?.asset, file: path }]);
  expect(section(textOf(web, PATH), 'Container')).toEqual(expect.arrayContaining([`Image=${reference}`, 'Pull=never']));
  expect(web.manifest.units['web.service']?.restartOn).toEqual([PATH, key]);
  expect(() => make({ image: Image.ociArchive(path), pull: 'always' })).toThrow(
    'Cannot set Pull in pull: already set by image',
  );
});

test('a config file restarts it', () => {
  const scope = host();
  const conf = new ConfigFile(scope, 'conf', { path: '/etc/web.conf', content: 'a' });
  const web = make({ volumes: [{ source: conf, target: '/etc/caddy/Caddyfile' }] }, scope);
  expect(section(textOf(web, PATH), 'Container')).toContain('Volume=/etc/web.conf:/etc/caddy/Caddyfile:ro');
  expect(web.manifest.units['web.service']?.triggers).toHaveProperty(['/etc/web.conf']);
});

test('Image.oci is the reference as text', () => {
  const texts = [Image.oci('docker.io/library/caddy:2'), 'docker.io/library/caddy:2'].map((image) =>
    textOf(make({ image }), PATH),
  );
  expect(texts[0]).toBe(texts[1]);
  expect(() => Image.oci('caddy')).toThrow('Cannot run image "caddy": names no registry, expected a full reference');
});

test.each<[Partial<PodmanServiceProps>, string]>([
  [
    { image: 'caddy' },
    'Cannot run image "caddy": names no registry, expected a full reference such as "docker.io/library/caddy:2" (at shop/host/web.image)',
  ],
  [{ image: 'library/caddy:2' }, 'names no registry'],
  [
    { image: Image.tar('/nowhere.tar') },
    'Cannot run image "/nowhere.tar": does not exist, expected a file on this machine (at shop/host/web.image)',
  ],
  [
    { image: Image.ociArchive('/nowhere.tar') },
    'Cannot run image "/nowhere.tar": does not exist, expected a file on this machine (at shop/host/web.image)',
  ],
  [{ image: 7 as never }, 'Cannot run image 7: is not an Image'],
  [{ args: ['sh', ''] }, 'is empty, and Quadlet ends the list there'],
  [{ command: ['sh', '\0', ''] }, 'NUL byte'],
  [{ volumes: ['/a:/b:z,Z'] }, 'options "z" and "Z" contradict each other'],
  [{ volumes: [{ source: '/a:b', target: '/c' }] }, "podman can't express a colon in a path"],
  [{ memory: '1G', directives: { Service: { MemoryMax: '2G' } } }, 'already set by memory'],
  [{ name: 'x', directives: { Container: { ContainerName: 'y' } } }, 'already set by name'],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('a key that is newer than the podman of the host is found at synthesis', () => {
  const props: Partial<PodmanServiceProps> = { directives: { Container: { Memory: '1g' } } };
  expect(problemsOf(make(props, host({ podman: '5.4' })).host).join()).toMatch(/Memory.*\(at shop\/host\/web\)/);
});

test('the network of another container is that of a service, by which systemd orders the two', () => {
  const join = (Network: string) =>
    new PodmanService(host(), 'web', { image: 'localhost/x:1', directives: { Container: { Network } } });
  expect(() => join('container:vpn')).toThrow(
    'Cannot share the network "container:vpn": this container would not start and restart with the other container, expected "vpn.container", which lets Quadlet order the two, and that PodmanService in dependsOn (at shop/host/web.directives.Container.Network)',
  );
  expect(() => join('vpn.container')).not.toThrow();
});
