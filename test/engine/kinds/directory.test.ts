import { planRemoval, planService } from '../../../lib/engine';
import { completed } from '../../../lib/engine/ownership';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, steps, web } from '../fixtures';

const KEY = 'directory:/srv/db';
const service = (spec: Record<string, string>): Manifest => ({ ...web, objects: { [KEY]: { spec } } });
const declared = service({ owner: 'shop', group: '70', mode: '0750' });
const ofVolume = service({ owner: 'shop', mode: '0755', existing: 'as it is' });
const there = { type: 'directory', owners: ['shop', '1001'], groups: ['shop', '70'], mode: '0750' };
const hostOf = (manifest: Manifest | undefined, actual: object | undefined) =>
  hostWith(manifest ? [manifest] : [], ({ objects }) => {
    if (actual) objects.set(KEY, actual);
    else objects.delete(KEY);
  });

test.each([
  ['that is missing', undefined, 'is missing'],
  ['of another mode', { ...there, mode: '0755' }, 'mode is 0755, expected 0750'],
  ['of another owner', { ...there, owners: ['root', '0'] }, 'owner is root:shop, expected shop:70'],
])('a declared directory %s is put right, and nothing restarts', (_, actual, reason) => {
  expect(steps(planService(hostOf(declared, actual), declared))).toEqual([`load ${KEY}: ${reason}`]);
});

test('names and numbers of owners are the same', () => {
  expect(steps(planService(hostOf(declared, there), declared))).toEqual([]);
});

test.each([
  ['another owner and mode', { type: 'directory', owners: ['root', '0'], groups: ['root', '0'], mode: '0777' }],
  ['a file', { ...there, type: 'regular file' }],
])('what is at the source of a volume stays as it is: %s', (_, actual) => {
  expect(planService(hostOf(ofVolume, actual), ofVolume)).toMatchObject({ steps: [], obstacles: [] });
  expect(planService(hostOf(undefined, actual), ofVolume).obstacles).toEqual([]);
});

test('a declared directory that something else made is refused unless it is the same or adopted', () => {
  const other = hostOf(undefined, { ...there, mode: '0755' });
  expect(planService(other, declared).obstacles).toMatchObject([
    { problem: 'the host has a directory of that name that Bulkhead did not create' },
  ]);
  expect(planService(other, { ...declared, adopt: true }).obstacles).toEqual([]);
  expect(planService(hostOf(undefined, there), declared).obstacles).toEqual([]);
});

test('a file in the place of a declared directory is in the way', () => {
  const { obstacles } = planService(hostOf(declared, { ...there, type: 'regular file' }), declared);
  expect(obstacles).toMatchObject([{ problem: 'a regular file is in its place', advice: 'move /srv/db away' }]);
});

test('what was there before is never removed, and what was made is, as far as it is empty', () => {
  expect(completed({}, ofVolume, hostOf(undefined, there)).owns.objects).toEqual([]);
  expect(completed({}, ofVolume, hostOf(undefined, undefined)).owns.objects).toEqual([KEY]);
  expect(steps(planRemoval(hostOf(ofVolume, there), 'web'))).toContainEqual(expect.stringMatching(`^delete ${KEY}: `));
});
