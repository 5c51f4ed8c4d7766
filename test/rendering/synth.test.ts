import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFile, Host, Image, NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import {
  Annotations,
  App,
  DataTerraformRemoteStateLocal,
  LocalBackend,
  S3Backend,
  TerraformStack,
  TerraformVariable,
} from 'cdktf';
import { checkManifest } from '../../lib/manifest';
import { fromTerraform } from '../../lib/manifest/terraform';
import { bundlesOnly } from '../../lib/rendering/bundles-only';
import { readBundle } from '../../lib/rendering/read-bundle';
import { writeOciArchive } from '../constructs/oci-image';
import { temporaryDirectory } from '../constructs/testing';

const images = temporaryDirectory();
writeOciArchive(join(images, 'oci.tar'), { Cmd: ['/bin/web'] });
writeFileSync(join(images, 'root.tar'), 'a root file system');
writeFileSync(join(images, 'large'), 'x'.repeat(70_000));

/** A stack with everything in it. */
function shop(outdir: string): App {
  const app = new App({ outdir });
  const stack = new TerraformStack(app, 'shop');
  const host = new Host(stack, 'host', { address: 'ssh://root@192.0.2.1', sshOptions: ['Port=22'] });
  const conf = new ConfigFile(host, 'conf', { path: '/etc/${x}/%{y}.conf', content: 'home = ${HOME} %{z} é\n' });
  new ConfigFile(host, 'large', { path: '/srv/large', source: join(images, 'large') });
  const db = new NspawnMachine(host, 'db', { image: Image.tar(join(images, 'root.tar')), ports: ['5432:5432'] });
  const api = new SystemdService(host, 'api', {
    command: ['/bin/sh', '-c', 'echo "${HOME}" $${x} %{y}'],
    volumes: [{ source: conf, target: '/etc/conf' }],
    adopt: true,
    dependsOn: [db],
  });
  new PodmanService(new Host(stack, 'other', { address: 'local' }), 'web', {
    image: Image.ociArchive(join(images, 'oci.tar')),
    dependsOn: [api],
  });
  return app;
}

const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));

/** Every file below a directory, with its content. */
function tree(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(directory.length), readFileSync(file, 'utf8')]),
  );
}

/** Reads every string of a value as Terraform does where it holds no token. */
function evaluate(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/\$\$\{|%%\{/g, (doubled) => doubled.slice(1));
  if (Array.isArray(value)) return value.map(evaluate);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [evaluate(key), evaluate(item)]));
}

describe('a stack', () => {
  const outdir = temporaryDirectory();
  beforeAll(() => shop(outdir).synth());
  const resources = () => Object.values(json(outdir, 'stacks/shop/cdk.tf.json').resource.bulkhead_service) as object[];

  test('hands the engine the same manifests, with Terraform and without', () => {
    const viaTerraform = resources().map((resource) => fromTerraform(evaluate(resource) as Record<string, unknown>));
    const bundle = readBundle(join(outdir, 'bundle/shop'));
    const viaBundle = bundle.hosts.flatMap(({ address, sshOptions, manifests }) =>
      manifests.map((manifest) => ({ host: { address, ...(sshOptions ? { sshOptions } : {}) }, manifest })),
    );
    const byPath = (a: { manifest: { path: string } }, b: { manifest: { path: string } }) =>
      a.manifest.path < b.manifest.path ? -1 : 1;
    expect(viaTerraform.sort(byPath)).toEqual(viaBundle.sort(byPath));
    expect(viaBundle.map(({ manifest }) => manifest.path)).toEqual(
      ['Network', 'api', 'conf', 'db', 'large'].map((id) => `shop/host/${id}`).concat('shop/other/web'),
    );
    expect(viaBundle.flatMap(({ manifest }) => checkManifest(manifest))).toEqual([]);
  });

  test('depends in Terraform as its services do', () => {
    const dependencies = Object.fromEntries(
      (resources() as { name: string; depends_on?: string[] }[]).map(({ name, depends_on }) => [name, depends_on]),
    );
    const address = (id: string) =>
      expect.stringMatching(new RegExp(`^bulkhead_service\\.host_${id}_service_[0-9A-F]{8}$`));
    expect(dependencies).toEqual({
      conf: [address('db')],
      large: undefined,
      db: [address('Network')],
      'shop-host': undefined,
      api: [address('conf'), address('db')],
      web: [address('api')],
    });
  });

  test('writes native files where they will lie on the host, and no content into the index', () => {
    expect(readFileSync(join(outdir, 'bundle/shop/host/etc/${x}/%{y}.conf'), 'utf8')).toBe('home = ${HOME} %{z} é\n');
    expect(existsSync(join(outdir, 'bundle/shop/other/etc/containers/systemd/web.container'))).toBe(true);
    const index = readFileSync(join(outdir, 'bundle/shop/bundle.json'), 'utf8');
    expect(index).not.toMatch(/HOME|ExecStart/);
    const { projectId } = json('cdktf.json');
    expect(JSON.parse(index)).toMatchObject({
      project: projectId,
      serviceDependencies: { 'shop/other/web': ['shop/host/api'] },
      stack: 'shop',
      hosts: [
        { id: 'host', address: 'ssh://root@192.0.2.1', sshOptions: ['Port=22'] },
        { id: 'other', address: 'local' },
      ],
    });
  });

  test('carries each asset under its digest, beside either rendering', () => {
    const digests = readdirSync(join(outdir, 'bundle/shop/assets')).sort();
    expect(digests).toHaveLength(3);
    expect(readdirSync(join(outdir, 'stacks/shop/assets')).sort()).toEqual(digests);
    const { asset = '' } =
      readBundle(join(outdir, 'bundle/shop'))
        .hosts.flatMap(({ manifests }) => manifests)
        .map(({ files }) => files['/srv/large'])
        .find((file) => file) ?? {};
    expect(statSync(join(outdir, 'bundle/shop/assets', asset)).size).toBe(70_000);
  });

  test('asks for the provider that lies in its directory, and has it locked', () => {
    const { required_providers } = json(outdir, 'stacks/shop/cdk.tf.json').terraform;
    const { source, version } = required_providers.bulkhead;
    expect(existsSync(join(outdir, 'stacks/shop/terraform.d/plugins', source, version, 'linux_arm64'))).toBe(true);
    expect(readFileSync(join(outdir, 'stacks/shop/.terraform.lock.hcl'), 'utf8')).toContain(
      `version     = "${version}"`,
    );
  });

  test('synthesizes to the same bytes anywhere', () => {
    const elsewhere = temporaryDirectory();
    shop(elsewhere).synth();
    const relativeState = (files: Record<string, string>) =>
      // The output directory is chosen by this test, and so is the way from there to where cdktf keeps the state.
      Object.fromEntries(
        Object.entries(files).map(([path, text]) => [path, text.replace(/"path": "[./].*tfstate"/, '')]),
      );
    expect(relativeState(tree(elsewhere))).toEqual(relativeState(tree(outdir)));
    expect(readFileSync(join(outdir, 'stacks/shop/cdk.tf.json'), 'utf8')).not.toContain(images);
  });
});

test('nobody else on this machine can read what is synthesized', () => {
  const outdir = temporaryDirectory();
  shop(outdir).synth();
  const modes = [join('stacks', 'shop'), join('bundle', 'shop'), join('bundle', 'shop', 'bundle.json')].map((path) =>
    (statSync(join(outdir, path)).mode & 0o777).toString(8),
  );
  expect(modes).toEqual(['700', '700', '600']);
});

describe('with bundles alone', () => {
  beforeEach(() => Object.assign(process.env, bundlesOnly));
  afterEach(() => {
    for (const name of Object.keys(bundlesOnly)) delete process.env[name];
  });

  test('a program writes the same bundle, and nothing for Terraform', () => {
    const outdir = temporaryDirectory();
    shop(outdir).synth();
    const everything = temporaryDirectory();
    for (const name of Object.keys(bundlesOnly)) delete process.env[name];
    shop(everything).synth();
    expect(tree(join(outdir, 'bundle'))).toEqual(tree(join(everything, 'bundle')));
    expect(json(outdir, 'manifest.json')).toEqual(json(everything, 'manifest.json'));
    expect(tree(join(outdir, 'stacks'))).toEqual({});
  });

  test('an asset is a copy of its own, which no later change of the file reaches', () => {
    const outdir = temporaryDirectory();
    const source = join(temporaryDirectory(), 'image');
    writeFileSync(source, 'x'.repeat(70_000));
    const app = new App({ outdir });
    const host = new Host(new TerraformStack(app, 'shop'), 'host', { address: 'local' });
    new ConfigFile(host, 'large', { path: '/srv/large', source });
    app.synth();
    writeFileSync(source, 'y'.repeat(70_000));
    const [asset = ''] = Object.values(tree(join(outdir, 'bundle/shop/assets')));
    expect(asset).toBe('x'.repeat(70_000));
  });

  test('what an aspect or a check refuses leaves no bundle', () => {
    const outdir = temporaryDirectory();
    const app = shop(outdir);
    Annotations.of(app.node.findChild('shop')).addError('is not allowed');
    expect(() => app.synth()).toThrow('[shop] is not allowed');
    expect(existsSync(join(outdir, 'bundle/shop'))).toBe(false);
    const checked = new App({ outdir });
    const host = new Host(new TerraformStack(checked, 'shop'), 'host', { address: 'local' });
    for (const id of ['a', 'b']) new ConfigFile(host, id, { path: '/etc/x', content: '' });
    expect(() => checked.synth()).toThrow('the file /etc/x is taken by shop/host/a');
    expect(existsSync(join(outdir, 'bundle/shop'))).toBe(false);
  });
});

test('what an earlier synthesis wrote and this one does not is gone', () => {
  const outdir = temporaryDirectory();
  shop(outdir).synth();
  mkdirSync(join(outdir, 'bundle/renamed'));
  const app = new App({ outdir });
  const host = new Host(new TerraformStack(app, 'shop'), 'host', { address: 'local' });
  new ConfigFile(host, 'conf', { path: '/etc/conf', content: '' });
  app.synth();
  expect(Object.keys(tree(join(outdir, 'bundle'))).sort()).toEqual(['/shop/bundle.json', '/shop/host/etc/conf']);
  expect(readdirSync(join(outdir, 'stacks/shop/assets'))).toEqual([]);
  expect(readdirSync(join(outdir, 'bundle'))).toEqual(['shop']);
});

test('a value that only Terraform knows is refused by the bundle alone', () => {
  const outdir = temporaryDirectory();
  const app = new App({ outdir });
  const stack = new TerraformStack(app, 'shop');
  const host = new Host(stack, 'host', { address: 'local' });
  const { stringValue, numberValue } = new TerraformVariable(stack, 'secret', {});
  new SystemdService(host, 'api', { command: ['/bin/api'], environment: { SECRET: stringValue } });
  new PodmanService(host, 'web', { image: 'localhost/x:1', ports: [{ host: numberValue, container: 80 }] });
  new ConfigFile(host, 'conf', { path: '/etc/conf', content: 'x' });
  app.synth();
  const { refused, hosts } = readBundle(join(outdir, 'bundle/shop'));
  expect(hosts[0]?.manifests.map(({ name }) => name)).toEqual(['conf']);
  expect(refused?.map(({ path }) => path)).toEqual(['shop/host/api', 'shop/host/web']);
  expect(refused?.[0]?.message).toBe(
    'files["/etc/systemd/system/api.service"]["content"] has a value that only Terraform knows, expected a value that is known at synthesis',
  );
  expect(readFileSync(join(outdir, 'stacks/shop/cdk.tf.json'), 'utf8')).toContain('var.secret');
});

test('problems of the whole tree are told together', () => {
  const app = new App({ outdir: temporaryDirectory() });
  const host = new Host(new TerraformStack(app, 'shop'), 'host', { address: 'local', systemd: 250 });
  const props = { command: ['/bin/x'], ports: [80] };
  new SystemdService(host, 'a', { ...props, directives: { Service: { PrivatePIDs: true } } });
  new SystemdService(host, 'b', { ...props, name: 'a' });
  expect(() => app.synth()).toThrow(/Cannot place "a".*\n.*Cannot publish.*\n.*Cannot use PrivatePIDs/);
});

describe("the state of cdktf's local backend", () => {
  const synthesize = (prepare: (stack: TerraformStack, outdir: string) => void) => {
    const outdir = temporaryDirectory();
    const app = new App({ outdir });
    const stack = new TerraformStack(app, 'shop');
    new ConfigFile(new Host(stack, 'host', { address: 'local' }), 'conf', { path: '/etc/conf', content: '' });
    prepare(stack, outdir);
    app.synth();
    return { config: json(outdir, 'stacks/shop/cdk.tf.json'), directory: join(outdir, 'stacks/shop') };
  };
  const file = join(process.cwd(), 'terraform.shop.tfstate');

  test('is named relative to the directory of the stack', () => {
    const { config, directory } = synthesize(() => {});
    const { path } = config.terraform.backend.local;
    expect(path.startsWith('..')).toBe(true);
    expect(join(directory, path)).toBe(file);
  });

  test('is named so where another stack reads it', () => {
    const { config, directory } = synthesize((stack) => {
      new DataTerraformRemoteStateLocal(stack, 'base', { path: join(process.cwd(), 'terraform.base.tfstate') });
    });
    const { path } = config.data.terraform_remote_state.base.config;
    expect(join(directory, path)).toBe(join(process.cwd(), 'terraform.base.tfstate'));
    expect(path.startsWith('..')).toBe(true);
  });

  test('stays as it is where the user chose it, and so does another backend', () => {
    const chosen = synthesize((stack) => void new LocalBackend(stack, { path: '/var/lib/shop.tfstate' }));
    expect(chosen.config.terraform.backend).toEqual({ local: { path: '/var/lib/shop.tfstate' } });
    const remote = synthesize((stack) => void new S3Backend(stack, { bucket: 'b', key: 'k' }));
    expect(Object.keys(remote.config.terraform.backend)).toEqual(['s3']);
  });

  describe('can be read by its owner alone', () => {
    const [cwd, outdir] = [process.cwd(), process.env.CDKTF_OUTDIR];
    beforeEach(() => process.chdir(temporaryDirectory()));
    afterEach(() => {
      process.chdir(cwd);
      if (outdir === undefined) delete process.env.CDKTF_OUTDIR;
      else process.env.CDKTF_OUTDIR = outdir;
    });
    const states = () =>
      readdirSync('.')
        .filter((name) => name.includes('.tfstate'))
        .map((name) => `${name} ${(statSync(name).mode & 0o777).toString(8)}`);

    test('when Terraform has made it, which says nothing else about it', () => {
      delete process.env.CDKTF_OUTDIR;
      writeFileSync('terraform.shop.tfstate', '{"version":4}', { mode: 0o644 });
      synthesize(() => {});
      expect(states()).toEqual(['terraform.shop.tfstate 600']);
      expect(readFileSync('terraform.shop.tfstate', 'utf8')).toBe('{"version":4}');
    });

    test('from the beginning, when cdktf synthesizes', () => {
      process.env.CDKTF_OUTDIR = 'cdktf.out';
      synthesize(() => {});
      expect(states()).toEqual(['terraform.shop.tfstate 600', 'terraform.shop.tfstate.backup 600']);
    });

    test('and is left alone where the user chose another place', () => {
      process.env.CDKTF_OUTDIR = 'cdktf.out';
      writeFileSync('mine.tfstate', '', { mode: 0o644 });
      synthesize((stack) => void new LocalBackend(stack, { path: join(process.cwd(), 'mine.tfstate') }));
      expect(states()).toEqual(['mine.tfstate 644']);
    });
  });

  test('stays absolute in a directory that Terraform has initialised so', () => {
    const { config } = synthesize((_, outdir) => {
      mkdirSync(join(outdir, 'stacks/shop/.terraform'), { recursive: true });
      const backend = { type: 'local', config: { path: file } };
      writeFileSync(join(outdir, 'stacks/shop/.terraform/terraform.tfstate'), JSON.stringify({ backend }));
    });
    expect(config.terraform.backend.local.path).toBe(file);
  });
});
