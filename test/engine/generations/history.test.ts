import type { ServiceRecord } from '../../../lib/engine';
import { historyOf } from '../../../lib/engine/generations/history';
import { completed } from '../../../lib/engine/ownership';
import { hostWith, UNIT, web } from '../fixtures';

const first = completed({}, web, hostWith([]));
const files = { [UNIT]: { content: '[Unit]\n', mode: '0644', owner: 'root', group: 'root' } };
const second = completed({}, { ...web, files, objects: { 'podman-volume:data': {} } }, hostWith([web]));
const at = (record: ServiceRecord, minute: number, isCurrent: boolean) => ({
  record,
  applied: Date.UTC(2026, 0, 1, 12, minute),
  isCurrent,
});

test('the history of a service has its versions, the newest first, and what each has changed', () => {
  expect(historyOf([at(second, 5, true), at(first, 0, false)])).toEqual([
    {
      number: 2,
      applied: '2026-01-01T12:05:00.000Z',
      current: true,
      changes: [`~ ${UNIT}`, '+ podman-volume:data'],
    },
    { number: 1, applied: '2026-01-01T12:00:00.000Z', current: false, changes: [] },
  ]);
});

test('while a change has not ended, its service has the version before once', () => {
  const begun: ServiceRecord = { ...first, begun: true };
  expect(historyOf([at(begun, 5, true), at(first, 0, false)])).toMatchObject([{ number: 1, current: true }]);
  expect(historyOf([])).toEqual([]);
});

test('what an apply that was cut off has left of an older version is no version to go back to', () => {
  const third = completed(
    {},
    web,
    hostWith([], ({ records }) => records.set('web', second)),
  );
  const found = [at(third, 9, true), at(second, 5, false), at(first, 0, false)];
  expect(historyOf(found).map(({ number }) => number)).toEqual([3, 2]);
});
