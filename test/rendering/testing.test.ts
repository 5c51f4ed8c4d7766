import { BulkheadProvider, BulkheadService, ConfigFile, Host, PodmanService } from 'bulkhead';
import { TerraformVariable, Testing } from 'cdktf';
import { stack } from '../constructs/testing';

/** A stack as cdktf's helpers for tests print it. */
function synthesized(): string {
  const shop = stack();
  const host = new Host(shop, 'host', { address: 'local' });
  const conf = new ConfigFile(host, 'conf', { path: '/etc/conf', content: 'a' });
  const { stringValue } = new TerraformVariable(shop, 'secret', {});
  new PodmanService(host, 'web', {
    image: 'localhost/web:1',
    environment: { SECRET: stringValue },
    volumes: [{ source: conf, target: '/etc/conf' }],
  });
  return Testing.synth(shop);
}

test("cdktf's helpers find services by their attributes, and the provider", () => {
  const text = synthesized();
  const has = (properties: Record<string, unknown>) =>
    Testing.toHaveResourceWithProperties(text, BulkheadService.tfResourceType, properties);
  expect(has({ name: 'conf', files: { '/etc/conf': { content: 'a' } } })).toBe(true);
  expect(has({ name: 'web', host: { address: 'local' } })).toBe(true);
  expect(has({ name: 'other' })).toBe(false);
  expect(Testing.toHaveProvider(text, BulkheadProvider.tfResourceType)).toBe(true);
});

test('what a test prints is what Terraform reads', () => {
  const services = Object.values(JSON.parse(synthesized()).resource.bulkhead_service) as { name: string }[];
  expect(services.find(({ name }) => name === 'conf')).toEqual({
    name: 'conf',
    stack: 'shop',
    project: expect.any(String),
    path: 'shop/host/conf',
    runtime: 'file',
    host: { address: 'local' },
    files: { '/etc/conf': { content: 'a', mode: '0644', owner: 'root', group: 'root' } },
  });
});
