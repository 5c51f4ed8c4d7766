import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Host, Secret, SystemdService } from 'bulkhead';
import { App, TerraformStack, TerraformVariable } from 'cdktf';
import { readBundle } from '../../lib/rendering/read-bundle';
import { temporaryDirectory } from '../constructs/testing';

const outdir = temporaryDirectory();
const app = new App({ outdir });
const stack = new TerraformStack(app, 'shop');
const host = new Host(stack, 'host', { address: 'local' });
process.env.BULKHEAD_TEST_SECRET = 'hunter2';
const { stringValue } = new TerraformVariable(stack, 'password', { sensitive: true });
const command = ['/bin/web'];
new SystemdService(host, 'api', {
  command,
  secrets: [new Secret(host, 'token', { environmentVariable: 'BULKHEAD_TEST_SECRET' })],
});
new SystemdService(host, 'web', { command, secrets: [new Secret(host, 'db', { value: stringValue })] });
app.synth();
afterAll(() => {
  delete process.env.BULKHEAD_TEST_SECRET;
});

test('a value that Terraform knows is in an attribute of its own, and refused by the bundle', () => {
  const { resource } = JSON.parse(readFileSync(join(outdir, 'stacks/shop/cdk.tf.json'), 'utf8'));
  const services = Object.values<Record<string, unknown>>(resource.bulkhead_service);
  const values = Object.fromEntries(services.map(({ name, secret_values }) => [name, secret_values]));
  expect(values).toEqual({ api: undefined, web: { db: '${var.password}' } });
  const { refused, hosts } = readBundle(join(outdir, 'bundle/shop'));
  expect(hosts[0]?.manifests.map(({ name }) => name)).toEqual(['api']);
  expect(refused).toEqual([
    {
      path: 'shop/host/web',
      message:
        'the secret "db" has a value that only Terraform knows, expected a value from an environmentVariable, file or command',
    },
  ]);
});

test('the value of a variable of this machine is not read at synthesis', () => {
  const written = ['stacks/shop/cdk.tf.json', 'bundle/shop/bundle.json'].map((file) =>
    readFileSync(join(outdir, file), 'utf8'),
  );
  for (const text of written) {
    expect(text).toContain('BULKHEAD_TEST_SECRET');
    expect(text).not.toContain('hunter2');
  }
});
