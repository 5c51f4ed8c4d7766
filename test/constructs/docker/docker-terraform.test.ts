import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFile, DockerNetwork, DockerService, DockerVolume, Host, type HostProps, Image } from 'bulkhead';
import { App, type TerraformStack } from 'cdktf';
import { writeOciArchive } from '../oci-image';
import { stack, temporaryDirectory } from '../testing';

type Blocks = Readonly<Record<string, Readonly<Record<string, Record<string, unknown>>>>>;

/** What Terraform gets of a stack. */
function synthesized(scope: TerraformStack): Blocks {
  const app = App.of(scope);
  app.synth();
  return JSON.parse(readFileSync(join(app.outdir, 'stacks', scope.node.id, 'cdk.tf.json'), 'utf8'));
}

function withHost(build: (host: Host) => void, props: Partial<HostProps> = {}): Blocks {
  const scope = stack();
  build(new Host(scope, 'host', { address: 'local', ...props }));
  return synthesized(scope);
}

const only = (blocks: Record<string, unknown> | undefined) => Object.values(blocks ?? {})[0] as Record<string, unknown>;

test('docker creates what its provider can, and the unit restarts with another container', () => {
  const { resource } = withHost((host) => {
    const network = new DockerNetwork(host, 'net');
    const source = new DockerVolume(host, 'data', { removalPolicy: 'destroy' });
    const volumes = [{ source, target: '/data' }];
    new DockerService(host, 'web', { image: 'docker.io/library/caddy:2', network, volumes, memory: '64M' });
  });
  expect(Object.keys(resource ?? {}).sort()).toEqual([
    'bulkhead_service',
    'docker_container',
    'docker_image',
    'docker_network',
    'docker_volume',
  ]);
  const container = only(resource?.docker_container);
  expect(container).toMatchObject({
    image: 'docker.io/library/caddy:2',
    must_run: false,
    start: false,
    restart: 'no',
    destroy_grace_seconds: 10,
    stop_timeout: 10,
    memory: 64,
    memory_swap: 64,
    log_driver: 'none',
    lifecycle: { create_before_destroy: true, ignore_changes: ['ports'] },
    depends_on: [
      expect.stringMatching(/^docker_image\./),
      expect.stringMatching(/^docker_network\./),
      expect.stringMatching(/^docker_volume\./),
    ],
  });
  const [name] = Object.keys(resource?.docker_container ?? {});
  const service = only(resource?.bulkhead_service) as { units: Record<string, object>; objects?: object };
  expect(service).not.toHaveProperty('objects');
  expect(service.units['web.service']).toMatchObject({
    restart_on: ['/etc/systemd/system/web.service'],
    triggers: { container: `\${docker_container.${name}.id}` },
  });
});

test("docker's provider gets groups, resource limits and shared memory in its own words", () => {
  const { resource } = withHost((host) => {
    const props = { groups: ['27'], ulimits: { nofile: { soft: 1024, hard: -1 } }, shmSize: '256M' } as const;
    new DockerService(host, 'web', { image: 'docker.io/library/caddy:2', ...props });
  });
  expect(only(resource?.docker_container)).toMatchObject({
    group_add: ['27'],
    ulimit: [{ name: 'nofile', soft: 1024, hard: -1 }],
    shm_size: 256,
  });
});

test('Bulkhead itself loads archives, and makes volumes that are retained', () => {
  const path = join(temporaryDirectory(), 'image.tar');
  writeOciArchive(path, { Cmd: ['/web'] });
  const { resource } = withHost((host) => {
    const source = new DockerVolume(host, 'data');
    new DockerService(host, 'web', { image: Image.ociArchive(path), volumes: [{ source, target: '/data' }] });
  });
  expect(Object.keys(resource ?? {}).sort()).toEqual(['bulkhead_service', 'docker_container']);
  expect(Object.keys(resource?.bulkhead_service ?? {})).toHaveLength(3);
});

test('a container comes after all that its service depends on', () => {
  const { resource } = withHost((host) => {
    const source = new ConfigFile(host, 'file', { path: '/etc/web.conf', content: 'x' });
    const volumes = [{ source, target: '/conf' }];
    new DockerService(host, 'web', { image: 'docker.io/library/caddy:2', volumes });
  });
  expect(only(resource?.docker_container).depends_on).toContainEqual(
    expect.stringMatching(/^bulkhead_service\.host_file_service_/),
  );
});

test.each<[Partial<HostProps>, object]>([
  [{ address: 'local' }, { host: 'unix:///var/run/docker.sock' }],
  [{ address: 'ssh://root@192.0.2.10:2222' }, { host: 'ssh://root@192.0.2.10:2222' }],
  [
    { address: 'ssh://web1', sshOptions: ['ProxyJump=bastion'] },
    { host: 'ssh://web1', ssh_opts: ['-o', 'ProxyJump=bastion'] },
  ],
  [{ address: 'lab:x' }, { host: 'ssh://lab', ssh_opts: ['-F', expect.stringMatching(/\/x\/ssh_config$/)] }],
])('the provider reaches the docker of %j', (props, expected) => {
  const { provider, terraform } = withHost((host) => {
    new DockerService(host, 'web', { image: 'docker.io/library/caddy:2' });
    new DockerService(host, 'api', { image: 'docker.io/library/caddy:2' });
  }, props);
  const providers = provider?.docker as unknown as object[];
  expect(providers).toEqual([{ alias: expect.stringMatching(/^host_/), ...expected }]);
  expect(terraform?.required_providers?.docker).toEqual({ source: 'kreuzwerker/docker', version: '>= 3.9, < 4' });
});

test('of a machine of systemd-machined, which the provider does not reach, Bulkhead creates the containers', () => {
  const { resource } = withHost((host) => new DockerService(host, 'web', { image: 'docker.io/library/caddy:2' }), {
    address: 'machine://web',
  });
  expect(Object.keys(resource ?? {})).toEqual(['bulkhead_service']);
});

test('what an aspect adds to the environment arrives, and braces stay what they are', () => {
  const { resource } = withHost((host) => {
    const web = new DockerService(host, 'web', { image: 'docker.io/library/caddy:2', environment: { A: '${x} %{y}' } });
    web.addEnvironment({ B: '${z}' });
  });
  const { env, name } = only(resource?.docker_container);
  expect(env).toEqual(['A=$${x} %%{y}', 'B=$${z}']);
  expect(JSON.stringify(only(resource?.bulkhead_service).files)).toContain(`--attach ${name}`);
});

test('the command `bulkhead` needs nothing of Terraform', () => {
  process.env.BULKHEAD_BUNDLES_ONLY = '1';
  try {
    const scope = stack();
    const web = new DockerService(new Host(scope, 'host', { address: 'local' }), 'web', {
      image: 'docker.io/library/caddy:2',
    });
    expect(web.node.tryFindChild('container')).toBeUndefined();
  } finally {
    delete process.env.BULKHEAD_BUNDLES_ONLY;
  }
});
