import { join } from 'node:path';
import {
  ConfigFile,
  DockerImage,
  DockerNetwork,
  DockerService,
  type DockerServiceProps,
  DockerVolume,
  Host,
  Image,
} from 'bulkhead';
import { TerraformVariable, Testing } from 'cdktf';
import { checkManifest } from '../../../lib/manifest';
import { writeOciArchive } from '../oci-image';
import { host, problemsOf, section, stack, temporaryDirectory, textOf } from '../testing';

const UNIT = '/etc/systemd/system/web.service';
const make = (props: Partial<DockerServiceProps> = {}, scope = host()) =>
  new DockerService(scope, 'web', { image: 'docker.io/library/caddy:2', ...props });
const containerOf = (props: Partial<DockerServiceProps>) => make(props).container;
const hostConfigOf = (props: Partial<DockerServiceProps>) => containerOf(props).HostConfig;

test('a service with an image alone is closed, and its unit starts, follows and stops the container', () => {
  const web = make();
  const name = web.containerName;
  expect(name).toMatch(/^web-[0-9a-f]{12}$/);
  expect(web.container).toMatchObject({
    Image: 'docker.io/library/caddy:2',
    Hostname: 'web',
    Env: [],
    StopTimeout: 10,
    HostConfig: {
      NetworkMode: 'bridge',
      CapAdd: [],
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'none' },
      Privileged: false,
    },
  });
  expect(web.container).not.toHaveProperty('Entrypoint');
  expect(web.container).not.toHaveProperty('Cmd');
  expect(section(textOf(web, UNIT), 'Unit')).toEqual([
    'Requires=docker.service',
    'After=docker.service network.target',
    'Description=web',
    'StartLimitIntervalSec=0',
  ]);
  expect(section(textOf(web, UNIT), 'Service')).toEqual(
    expect.arrayContaining([
      'Type=exec',
      `ExecStart=docker container start --attach ${name}`,
      'SuccessExitStatus=143',
      'TimeoutStopSec=25',
      'Restart=on-failure',
      'RestartSec=2',
    ]),
  );
});

test('its manifest is taken by the engine, and holds the container that the unit starts', () => {
  const web = make({ memory: '64M', tasks: 50 });
  const key = `docker-container:${web.containerName}`;
  expect(checkManifest(web.manifest)).toEqual([]);
  expect(web.manifest).toMatchObject({
    runtime: 'docker',
    requires: { docker: {}, dockerd: {}, curl: {} },
    units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT, key] } },
  });
  const { config = '', limits = '' } = web.manifest.objects[key]?.spec ?? {};
  expect(JSON.parse(config)).toEqual(web.container);
  expect(JSON.parse(limits)).toEqual({
    Memory: 64 << 20,
    MemorySwap: 64 << 20,
    PidsLimit: 50,
    RestartPolicy: { Name: 'no' },
  });
  expect(textOf(web, UNIT)).toContain(`ExecStartPre=docker container update --pids-limit 50 ${web.containerName}\n`);
});

test.each<[Partial<DockerServiceProps>, object]>([
  [{ command: ['/bin/sh', '', '-c', 'x $Y'], args: ['z'] }, { Entrypoint: ['/bin/sh', '', '-c', 'x $Y', 'z'] }],
  [{ args: ['run'] }, { Cmd: ['run'] }],
  [{ environment: { A: 'x ${Y}\n"\'' } }, { Env: ['A=x ${Y}\n"\''] }],
  [
    { workingDirectory: '/srv', user: '1000:1000' },
    { WorkingDir: '/srv', User: '1000:1000' },
  ],
  [
    { hostname: 'web.example.org', labels: { a: 'b' }, stopSignal: 'SIGINT', stopTimeout: '90s' },
    { Hostname: 'web.example.org', Labels: { a: 'b' }, StopSignal: 'SIGINT', StopTimeout: 90 },
  ],
  [
    { ports: ['8080:80', '127.0.0.1:53:53/udp'] },
    {
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      HostConfig: {
        PortBindings: {
          '80/tcp': [{ HostIp: '', HostPort: '8080' }],
          '53/udp': [{ HostIp: '127.0.0.1', HostPort: '53' }],
        },
      },
    },
  ],
])('%j', (props, expected) => {
  expect(containerOf(props)).toMatchObject(expected);
});

test.each<[Partial<DockerServiceProps>, object]>([
  [{ volumes: ['/a:/b', '/c:/d:ro'] }, { Binds: ['/a:/b:rw', '/c:/d:ro'] }],
  [{ tmpfs: ['/tmp', '/run:size=64m'] }, { Tmpfs: { '/tmp': '', '/run': 'size=64m' } }],
  [
    { devices: ['/dev/fuse'] },
    { Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rw' }] },
  ],
  [{ groups: ['dialout', '27'] }, { GroupAdd: ['dialout', '27'] }],
  [
    { ulimits: { nofile: 65536, core: { soft: 0, hard: -1 } } },
    {
      Ulimits: [
        { Name: 'nofile', Soft: 65536, Hard: 65536 },
        { Name: 'core', Soft: 0, Hard: -1 },
      ],
    },
  ],
  [{ shmSize: '256M' }, { ShmSize: 256 * 1024 * 1024 }],
  [{ capabilities: ['CAP_CHOWN'] }, { CapAdd: ['CAP_CHOWN'], CapDrop: ['ALL'] }],
  [{ readOnlyRoot: true }, { ReadonlyRootfs: true }],
  [{ cpu: 1.5 }, { NanoCpus: 1_500_000_000 }],
  [{ network: 'host' }, { NetworkMode: 'host' }],
  [{ network: 'none' }, { NetworkMode: 'none' }],
])('HostConfig of %j', (props, expected) => {
  expect(hostConfigOf(props)).toMatchObject(expected);
});

test('a signal that stops it counts as success', () => {
  expect(textOf(make({ stopSignal: 'SIGINT' }), UNIT)).toContain('SuccessExitStatus=143 130\n');
});

test('paths that it mounts are waited for, and must be there', () => {
  const unit = section(textOf(make({ volumes: ['/srv/a:/a'] }), UNIT), 'Unit');
  expect(unit).toEqual(expect.arrayContaining(['RequiresMountsFor=/srv/a', 'AssertPathExists=/srv/a']));
});

test.each<[Partial<DockerServiceProps>, string]>([
  [{ args: [''] }, 'does not accept an empty argument'],
  [{ memory: '1M' }, 'needs at least 6'],
  [{ memory: 100_000_001 }, 'whole mebibytes'],
  [{ shmSize: 1000 }, 'whole mebibytes such as "256M" (at shop/host/web.shmSize)'],
  [{ volumes: [{ source: '/a:b', target: '/c' }] }, "docker can't express a colon in a path"],
  [{ tmpfs: ['tmp'] }, 'is not a directory in memory'],
  [{ capabilities: ['NET_RAW'] }, 'a name such as "CAP_NET_RAW"'],
  [{ devices: ['/etc/passwd'] }, 'is not a device node'],
  [{ environment: { A: 'a\0b' } }, 'is not a valid argument of a process'],
  [{ environment: { A: 'cafe\u0301' } }, 'and Terraform turns them into one'],
  [{ image: 'caddy' }, 'is not a full reference'],
  [{ image: 'docker.io/library/caddy' }, 'is not a full reference'],
  [{ image: 'docker.io/../x:1' }, 'is not a full reference'],
  [{ health: 'notify' }, 'does not forward a notice'],
  [{ name: 'a_' }, 'is not a hostname'],
  [{ slice: 'x' } as object, 'Cannot set "slice": only ContainerdService, LxcContainer, NspawnMachine'],
  [{ network: {} as 'host' }, 'is not a Network'],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('what is created from anything else is another container, and what changes in place is not', () => {
  const names = ([props]: [Partial<DockerServiceProps>]) => make(props).containerName;
  const base = names([{}]);
  expect(names([{ memory: '64M', tasks: 5, restart: 'always', health: { tcp: 80 } }])).toBe(base);
  for (const props of [
    { cpu: 1 },
    { groups: ['27'] },
    { ulimits: { core: 0 } },
    { shmSize: '1M' },
    { environment: { A: '' } },
    { ports: [80] },
    { args: ['x'] },
  ] as const)
    expect(names([props])).not.toBe(base);
});

test('an aspect adds to its environment, and then it is another container', () => {
  const web = make({ environment: { A: '1' } });
  const before = web.containerName;
  web.addEnvironment({ B: '2' });
  expect(web.container.Env).toEqual(['A=1', 'B=2']);
  expect(web.containerName).not.toBe(before);
  expect(textOf(web, UNIT)).not.toContain(before);
  expect(() => web.addEnvironment({ A: '2' })).toThrow('it has another value');
});

test('an archive runs by its ID, and all services of the host share it', () => {
  const path = join(temporaryDirectory(), 'image.tar');
  const { id } = writeOciArchive(path, { Cmd: ['/web'], StopSignal: 'SIGQUIT' });
  const here = host();
  const web = make({ image: Image.ociArchive(path) }, here);
  const other = new DockerService(here, 'other', { image: Image.ociArchive(path) });
  expect(web.container.Image).toBe(`sha256:${id}`);
  expect(other.container.Image).toBe(web.container.Image);
  expect(textOf(web, UNIT)).toContain('SuccessExitStatus=143 131\n');
  const images = here.services.filter((service) => service instanceof DockerImage);
  expect(images).toHaveLength(1);
  expect(Object.entries(images[0]?.manifest.objects ?? {})).toEqual([
    [
      expect.stringMatching(/^docker-image:localhost\/shop-image-[0-9a-f]{12}:[0-9a-f]{12}$/),
      { asset: expect.any(String), spec: { id, architecture: 'amd64' } },
    ],
  ]);
  expect(problemsOf(here)).toEqual([]);
});

test('a network, a volume and a config file of the host are used by name', () => {
  const here = host();
  const network = new DockerNetwork(here, 'net', { subnet: '10.90.0.0/24' });
  const source = new DockerVolume(here, 'data');
  const file = new ConfigFile(here, 'file', { path: '/etc/web.conf', content: 'x' });
  const volumes = [
    { source, target: '/data' },
    { source: file, target: '/conf' },
  ];
  const web = make({ network, volumes }, here);
  expect(web.container.HostConfig.Binds).toEqual(['data:/data:rw', '/etc/web.conf:/conf:ro']);
  expect(web.container.NetworkingConfig).toEqual({
    EndpointsConfig: { [Object.keys(network.manifest.objects)[0]?.split(':')[1] ?? '']: { Aliases: ['web'] } },
  });
  expect(web.manifest.units['web.service']?.triggers).toEqual({ '/etc/web.conf': expect.any(String) });
  expect(source.manifest.objects).toEqual({ 'docker-volume:data': { spec: { options: '{}' }, retain: true } });
  for (const { manifest } of here.services) expect(checkManifest(manifest)).toEqual([]);
  const elsewhere = new Host(here.stack, 'b', { address: 'ssh://b' });
  expect(() => new DockerService(elsewhere, 'web', { image: 'docker.io/a/b:1', network })).toThrow('is on shop/host');
});

test('a network that changes gets another name in docker', () => {
  const keyOf = (internal: boolean) => Object.keys(new DockerNetwork(host(), 'net', { internal }).manifest.objects)[0];
  expect(keyOf(true)).not.toBe(keyOf(false));
});

test('a value that only Terraform knows decides about the name of the container, too', () => {
  const scope = stack();
  const here = new Host(scope, 'host', { address: 'local' });
  const { stringValue } = new TerraformVariable(scope, 'value', { type: 'string' });
  make({ environment: { A: stringValue } }, here);
  const [container] = Object.values(JSON.parse(Testing.synth(scope)).resource.docker_container);
  const revision = /^web-\$\{substr\(sha256\(join\("\\n", \["[0-9a-f]{64}", var\.value\]\)\), 0, 12\)\}$/;
  expect(container).toMatchObject({ name: expect.stringMatching(revision), env: ['A=${var.value}'] });
});
