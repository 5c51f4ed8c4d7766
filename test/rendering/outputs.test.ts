import { join } from 'node:path';
import { Host, SystemdService } from 'bulkhead';
import { App, Fn, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import { knownOutputs } from '../../lib/rendering/outputs';
import { readBundle } from '../../lib/rendering/read-bundle';
import { temporaryDirectory } from '../constructs/testing';

test('outputs that are known at synthesis are in the bundle, and nothing that is sensitive or only Terraform knows', () => {
  const outdir = temporaryDirectory();
  const app = new App({ outdir });
  const stack = new TerraformStack(app, 'shop');
  const service = new SystemdService(new Host(stack, 'host', { address: 'local' }), 'web', { command: ['/bin/web'] });
  const variable = new TerraformVariable(stack, 'variable', { type: 'string' });
  new TerraformOutput(stack, 'unit', { value: service.unitName });
  new TerraformOutput(stack, 'ports', { value: [80, '443'], staticId: true });
  new TerraformOutput(stack, 'map', { value: { a: { b: true } }, staticId: true });
  new TerraformOutput(service, 'below', { value: 'text\nof "lines"' });
  new TerraformOutput(stack, 'secret', { value: 'hunter2', sensitive: true });
  new TerraformOutput(stack, 'variable-of', { value: variable.value });
  new TerraformOutput(stack, 'computed', { value: Fn.upper('text') });
  new TerraformOutput(stack, 'expression', { value: '${1 + 1}' });
  new TerraformOutput(stack, 'resource', { value: service.node.findChild('service') as never });
  expect(knownOutputs(stack)).toEqual({
    unit: '"web.service"',
    ports: '[80,"443"]',
    map: '{"a":{"b":true}}',
    [Object.keys(knownOutputs(stack)).find((name) => name.startsWith('host_web_below')) ?? '']:
      '"text\\nof \\"lines\\""',
  });
  app.synth();
  expect(readBundle(join(outdir, 'bundle/shop')).outputs).toEqual(knownOutputs(stack));
});
