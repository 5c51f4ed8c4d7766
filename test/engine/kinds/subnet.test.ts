import { planService } from '../../../lib/engine';
import { checkManifest, type Manifest } from '../../../lib/manifest';
import { hostWith, web } from '../fixtures';

const KEY = 'subnet:10.70.64.0/18';
const network: Manifest = { ...web, objects: { [KEY]: {} } };

test('a subnet that no route of the host overlaps is free', () => {
  expect(checkManifest(network)).toEqual([]);
  expect(planService(hostWith([]), network).obstacles).toEqual([]);
});

test('a subnet that a route of the host overlaps is refused, naming both', () => {
  const state = hostWith([], ({ objects }) => objects.set(KEY, '10.70.100.0/24 dev br0 proto kernel scope link'));
  expect(planService(state, network).obstacles).toEqual([
    {
      at: ['objects', KEY],
      action: 'create subnet 10.70.64.0/18',
      problem: 'it overlaps a route of the host: 10.70.100.0/24 dev br0 proto kernel scope link',
      advice: 'set another `subnet` or `subnet6`',
    },
  ]);
});
