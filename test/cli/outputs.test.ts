import type { HostPlan } from '../../lib/cli/host-plan';
import { outputsDocument, renderOutputs } from '../../lib/cli/outputs';
import { hostState, target } from './fixtures';

const plan = (stack: string, outputs: Readonly<Record<string, string>>): HostPlan => ({
  target: target({ stack, outputs }),
  state: hostState(),
  services: [],
});

test('outputs are shown once for each stack, however many hosts it has', () => {
  const shop = plan('shop', { db: '"10.64.0.2"', ports: '[80]' });
  const plans = [shop, shop, plan('blog', {}), plan('wiki', { edited: 'by hand' })];
  expect(renderOutputs(plans)).toEqual([
    ...['', 'Outputs of shop:', '  db = "10.64.0.2"', '  ports = [80]'],
    ...['', 'Outputs of wiki:', '  edited = by hand'],
  ]);
  expect(outputsDocument(plans)).toEqual({
    outputs: { shop: { db: '10.64.0.2', ports: [80] }, wiki: { edited: 'by hand' } },
  });
});

test('without outputs, nothing is said', () => {
  expect(renderOutputs([plan('blog', {})])).toEqual([]);
  expect(outputsDocument([plan('blog', {})])).toEqual({});
});
