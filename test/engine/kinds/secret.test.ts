import { impactsOf, planService } from '../../../lib/engine';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, steps, UNIT, web } from '../fixtures';

const KEY = 'secret:web/db';
const spec = { source: 'environmentVariable', from: 'DB', owner: '0:0', mode: '0400' };
const service: Manifest = {
  ...web,
  objects: { [KEY]: { spec } },
  units: { 'web.service': { state: 'active', enabled: true, restartOn: [UNIT, KEY] } },
};
const there = { owner: '0:0', mode: '0400', intact: true, encrypted: false };

test.each<[string, object | undefined, string]>([
  ['is missing', undefined, 'is missing'],
  ['was edited', { ...there, intact: false }, 'was changed on the host'],
  ['others can read', { ...there, mode: '0644' }, 'has mode 0644, expected 0400'],
  ['somebody else owns', { ...there, owner: '1000:1000' }, 'belongs to 1000:1000, expected 0:0'],
  ['was encrypted before', { ...there, encrypted: true }, 'is encrypted'],
  ['has got another value', { ...there, same: false }, 'has another value'],
])('a secret that %s is written anew, and what reads it restarts', (_, actual, reason) => {
  const state = hostWith([service], ({ objects }) => {
    if (actual === undefined) objects.delete(KEY);
    else objects.set(KEY, actual);
  });
  const plan = planService(state, service);
  expect(steps(plan)).toEqual([`load ${KEY}: ${reason}`, `restart web.service: ${KEY} changes`]);
  expect(impactsOf(plan)).toEqual([{ kind: 'restart', key: 'web.service', reason: `${KEY} ${reason}` }]);
});

test('a job runs again with another value, and not because its file is repaired', () => {
  const job: Manifest = { ...service, units: { 'web.service': { state: 'done', restartOn: [UNIT, KEY] } } };
  const planned = (actual: object) =>
    steps(
      planService(
        hostWith([job], ({ objects }) => objects.set(KEY, { ...there, ...actual })),
        job,
      ),
    );
  expect(planned({ same: false })).toEqual([`load ${KEY}: has another value`, `start web.service: ${KEY} changes`]);
  expect(planned({ intact: false })).toEqual([`load ${KEY}: was changed on the host`]);
});

test.each([{ ...there }, { ...there, same: true }])('one that is as wanted is left alone: %j', (actual) => {
  const state = hostWith([service], ({ objects }) => objects.set(KEY, actual));
  expect(steps(planService(state, service))).toEqual([]);
});

test('another source of the same value restarts nothing', () => {
  const from: Manifest = { ...service, objects: { [KEY]: { spec: { ...spec, from: 'DATABASE' } } } };
  const state = hostWith([service], ({ objects }) => objects.set(KEY, { ...there, same: true }));
  expect(steps(planService(state, from))).toEqual(['record web: is recorded differently']);
});

test('one whose source can not be read keeps the service from being applied', () => {
  const unread = new Map([[KEY, { problem: 'the environment variable DB is not set', advice: 'set it' }]]);
  const state = { ...hostWith([service]), unread };
  expect(planService(state, service).obstacles).toEqual([
    {
      at: ['objects', KEY],
      action: 'write secret web/db',
      problem: 'the environment variable DB is not set',
      advice: 'set it',
    },
  ]);
});
