import { planRemoval, planService } from '../../../lib/engine';
import { completed } from '../../../lib/engine/ownership';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, steps, web } from '../fixtures';

const key = (revision: string) => `docker-network:lan-${revision}`;
const lan = (revision: string, internal: 'true' | 'false'): Manifest => ({
  ...web,
  name: 'lan',
  path: 'shop/host/lan',
  files: {},
  units: {},
  objects: { [key(revision)]: { spec: { internal } } },
});

test('one that changes stays for the containers on it until the next change', () => {
  const [one, two, three] = [lan('1', 'false'), lan('2', 'true'), lan('3', 'false')];
  const actual = { driver: 'bridge', internal: false, subnet: '' };
  const first = hostWith([one], ({ objects }) => objects.set(key('1'), actual));
  expect(steps(planService(first, two))).toEqual([`prepare ${key('2')}: is missing`]);
  const objects = new Map(['1', '2'].map((revision) => [key(revision), { ...actual, internal: revision === '2' }]));
  const second = { ...first, objects, records: new Map([['lan', completed({}, two, first)]]) };
  expect(steps(planService(second, two))).toEqual([]);
  expect(steps(planService(second, three))).toContain(`delete ${key('1')}: is no longer declared`);
  expect(steps(planRemoval(second, 'lan')).filter((step) => step.startsWith('delete'))).toHaveLength(2);
});
