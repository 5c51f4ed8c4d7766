import { planRemoval, planService, type ServiceRecord } from '../../lib/engine';
import { completed } from '../../lib/engine/ownership';
import type { Manifest } from '../../lib/manifest';
import { hostWith, steps, web } from './fixtures';

const keyOf = (letter: string) => `image-root:${letter.repeat(64)}`;
const version = (letter: string, isKept = true): Manifest => ({
  ...web,
  objects: {
    [keyOf(letter)]: { asset: letter.repeat(64), spec: { format: 'tar', ...(isKept && { previous: 'kept' }) } },
  },
});

/** A host on which versions of a service were applied one after the other. */
function after(...letters: readonly string[]) {
  let record: ServiceRecord | undefined;
  const host = () =>
    hostWith([version(letters.at(-1) ?? '')], ({ records, objects }) => {
      if (record) records.set('web', record);
      else records.delete('web');
      for (const letter of letters) objects.set(keyOf(letter), 'complete');
    });
  for (const letter of letters) record = completed(version(letter), host());
  return host();
}
const deleted = (plan: string[]) => plan.filter((step) => step.startsWith('delete')).map((step) => step.slice(18, 19));

test('an upgrade keeps what was there before it, and is then done', () => {
  expect(deleted(steps(planService(after('a'), version('b'))))).toEqual([]);
  expect(steps(planService(after('a', 'b'), version('b')))).toEqual([]);
});

test('the next upgrade removes what the last one kept', () => {
  expect(deleted(steps(planService(after('a', 'b'), version('c'))))).toEqual(['a']);
});

test('going back finds what was kept, and keeps what it leaves', () => {
  const plan = steps(planService(after('a', 'b'), version('a')));
  expect(plan.filter((step) => step.includes('load') || step.includes('delete'))).toEqual([]);
});

test('what was kept goes with the service, and when nothing says that it is kept', () => {
  expect(deleted(steps(planRemoval(after('a', 'b'), 'web'))).sort()).toEqual(['a', 'b']);
  expect(deleted(steps(planService(after('a', 'b'), version('b', false))))).toEqual(['a']);
});
