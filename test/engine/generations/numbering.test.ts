import { planRemoval, planService, type ServiceRecord } from '../../../lib/engine';
import { droppedAfter, versionBefore } from '../../../lib/engine/generations/numbering';
import { completed, recordsOfBegun } from '../../../lib/engine/ownership';
import { readRecord, recordText } from '../../../lib/engine/record';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, steps, web } from '../fixtures';

const keyOf = (letter: string) => `image-root:${letter.repeat(64)}`;
const version = (letter: string, props: Partial<Manifest> = {}): Manifest => ({
  ...web,
  ...props,
  objects: { [keyOf(letter)]: { asset: letter.repeat(64), spec: { format: 'tar' } } },
});

/** A host on which versions of a service were applied one after the other. */
function after(...versions: readonly (string | Manifest)[]) {
  let record: ServiceRecord | undefined;
  const manifests = versions.map((each) => (typeof each === 'string' ? version(each) : each));
  const host = () =>
    hostWith(manifests.slice(-1), ({ records, objects }) => {
      if (record) records.set('web', record);
      else records.delete('web');
      for (const { objects: wanted } of manifests) for (const key of Object.keys(wanted)) objects.set(key, 'complete');
    });
  for (const manifest of manifests) record = completed({}, manifest, host());
  return host();
}
const recordOf = (...versions: readonly (string | Manifest)[]) =>
  after(...versions).records.get('web') as ServiceRecord;
const deleted = (plan: string[]) => plan.filter((step) => step.startsWith('delete')).map((step) => step.slice(18, 19));

test('an upgrade keeps the image of the version before it, and is then done', () => {
  expect(deleted(steps(planService(after('a'), version('b'))))).toEqual([]);
  expect(steps(planService(after('a', 'b'), version('b')))).toEqual([]);
});

test('the next upgrade removes the image that the last one kept', () => {
  expect(deleted(steps(planService(after('a', 'b'), version('c'))))).toEqual(['a']);
});

test('going back finds what was kept, and keeps what it leaves', () => {
  const plan = steps(planService(after('a', 'b'), version('a')));
  expect(plan.filter((step) => step.includes('load') || step.includes('delete'))).toEqual([]);
});

test('images that are kept go with the service, and when fewer versions are to be kept', () => {
  expect(deleted(steps(planRemoval(after('a', 'b'), 'web'))).sort()).toEqual(['a', 'b']);
  expect(deleted(steps(planService(after('a', 'b'), version('b', { generations: '0' }))))).toEqual(['a']);
  expect(deleted(steps(planService(after('a', 'b'), version('c', { generations: '2' }))))).toEqual([]);
});

test('a version that an apply which was cut off has left is removed, and nothing else', () => {
  const record = { ...recordOf('a', 'b'), stale: [7] };
  const host = { ...after('a', 'b'), records: new Map([['web', record]]) };
  expect(steps(planService(host, version('b')))).toEqual(['record web: was not finished']);
  expect(droppedAfter(version('b'), record)).toEqual([2, 7]);
  expect(recordText(record)).toBe(recordText(recordOf('a', 'b')));
});

test('versions are counted, and the newest of those before are kept', () => {
  expect(recordOf('a')).not.toHaveProperty('generation');
  expect(recordOf('a', 'b')).toMatchObject({ generation: 2, previous: [{ number: 1, objects: [keyOf('a')] }] });
  const third = recordOf('a', 'b', version('c', { generations: '2' }));
  expect(third.previous?.map(({ number }) => number)).toEqual([2, 1]);
  expect(droppedAfter(version('d'), third)).toEqual([2, 1]);
  expect(droppedAfter(version('d', { generations: '2' }), third)).toEqual([1]);
});

test('another construct path, or another dependency, makes no version', () => {
  const moved = version('b', { path: 'shop/other', after: ['db'] });
  expect(recordOf('a', 'b', moved)).toMatchObject({ generation: 2, previous: [{ number: 1 }] });
});

test('a record with versions is read as it was written, and none with a version that is no number', () => {
  const text = recordText(recordOf('a', 'b'));
  expect(readRecord('web', text)).toMatchObject({ generation: 2, previous: [{ number: 1, objects: [keyOf('a')] }] });
  expect(readRecord('web', text.replace('"number":1', '"number":"../1"'))).toMatch('is damaged');
});

test('a change that has not ended is of the version before it, which it goes back to', () => {
  const host = after('a', 'b');
  const [file] = recordsOfBegun([planService(host, version('c'))], host);
  const record = readRecord('web', String(file?.content)) as ServiceRecord;
  expect(record).toMatchObject({ begun: true, generation: 2, previous: [{ number: 1 }] });
  expect(versionBefore(record)).toBe(2);
  expect(versionBefore(recordOf('a', 'b'))).toBe(1);
  expect(versionBefore(recordOf('a'))).toBeUndefined();
});

test('a way back that was cut off at its end leads to the same version again', () => {
  expect(versionBefore({ ...recordOf('a', 'b'), stale: [2] })).toBe(2);
  expect(versionBefore({ ...recordOf('a', 'b'), stale: [7] })).toBe(1);
});
