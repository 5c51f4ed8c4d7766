import { planService } from '../../../lib/engine';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, override, steps, UNIT, web } from '../fixtures';

const PATH = '/etc/systemd/system/web.service.d/10-profile.conf';
const KEY = `link:${PATH}`;
const service: Manifest = {
  ...web,
  objects: { [KEY]: { spec: { target: '/usr/lib/profile' } } },
  units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT, KEY] } },
};

test.each<[string, string | undefined, string]>([
  ['that is missing', undefined, 'is missing'],
  ['that leads elsewhere', '/tmp/other', 'leads to /tmp/other'],
  ['in whose place is a file', '', 'is not a link'],
])('a link %s is made anew, and its unit restarts', (_, actual, reason) => {
  const state = hostWith([service], ({ objects }) => {
    if (actual === undefined) objects.delete(KEY);
    else objects.set(KEY, actual);
  });
  expect(steps(planService(state, service))).toEqual([`load ${KEY}: ${reason}`, `restart web.service: ${KEY} changes`]);
});

test('a link among the drop-ins of a unit is the service’s own, and another is not', () => {
  const mine = override(PATH, '/usr/lib/profile');
  const other = override(PATH.replace('10', '11'), '/usr/lib/profile');
  const state = hostWith([service], ({ overrides }) => overrides.push(mine, other));
  expect(steps(planService(state, service))).toContain(`remove ${other.path}: changes web.service`);
  expect(steps(planService(state, service)).join()).not.toContain(mine.path);
});

test('a link that something else made is in the way', () => {
  const state = hostWith([], ({ objects }) => objects.set(KEY, '/elsewhere'));
  expect(planService(state, service).obstacles).toMatchObject([
    { problem: 'the host has a link of that name that Bulkhead did not create' },
  ]);
});
