import { machineImage } from '../../../lib/engine/kinds/machine-image';
import type { ObjectPart } from '../../../lib/manifest';

const [ours, other] = ['a'.repeat(64), 'b'.repeat(64)];
const wanted: ObjectPart = { spec: { image: ours, readOnly: 'true' } };
const clone: ObjectPart = { spec: { clone: 'base', readOnly: 'false' } };
const before = { recorded: wanted, isFirst: false, adopt: false };
const plan = (line: string | undefined, object = wanted, of = before) =>
  machineImage
    .plan?.('web', line === undefined ? undefined : machineImage.read(line), object, of)
    .map((task) => ('phase' in task ? `${task.phase}: ${task.reason}` : task.obstacle));

test.each<[string, string | undefined, string[]]>([
  ['nothing, when it is as it was made', `directory yes ${ours}`, []],
  ['nothing on btrfs, where it is a subvolume', `subvolume yes ${ours}`, []],
  ['nothing, when only the record tells what it is made from', 'directory yes ', []],
  ['what is missing', undefined, ['load: is missing', 'place: is missing']],
  ['what can be written to', `directory no ${ours}`, ['make: is not read-only']],
  [
    'what a change that was cut off has left beside it',
    `directory yes ${ours} halfway`,
    ['make: has another beside it, which a change that was cut off has left'],
  ],
])('of an image, %s', (_, line, tasks) => {
  expect(plan(line)).toEqual(tasks);
});

test('another image replaces it, and says so', () => {
  expect(plan(`directory yes ${other}`)).toEqual([
    'load: is replaced by another; the old one is kept until the next time',
    'place: is replaced by another; the old one is kept until the next time',
  ]);
});

test('an image that was there before its service is kept when it is taken over', () => {
  expect(plan(`directory yes ${other}`, wanted, { ...before, isFirst: true, adopt: true })).toEqual([]);
});

test('a clone is made once, after what it is a clone of, and keeps what was written into it', () => {
  expect(plan(undefined, clone)).toEqual(['make: is missing']);
  expect(plan('directory no ', clone)).toEqual([]);
  expect(plan('directory yes ', clone)).toEqual(['make: is read-only']);
});

test('what a look says of an image as it was made leaves nothing to do', () => {
  expect(machineImage.asMade('web', wanted)).toEqual(machineImage.read(`directory yes ${ours}`));
});
