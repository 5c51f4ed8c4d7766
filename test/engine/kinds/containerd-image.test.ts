import { containerdImage } from '../../../lib/engine/kinds/containerd-image';

const [ours, other] = ['a'.repeat(64), 'b'.repeat(64)];
const wanted = { asset: 'c'.repeat(64), spec: { digest: ours } };
const before = { recorded: wanted, isFirst: false, adopt: false };
const plan = (line: string | undefined) =>
  containerdImage.plan?.('x:1', line === undefined ? undefined : containerdImage.read(line), wanted, before);

test.each([
  ['nothing, when the store has it', `sha256:${ours} complete`, []],
  ['what is missing', undefined, [{ phase: 'load', reason: 'is missing' }]],
  ['another one of that name', `sha256:${other} complete`, [{ phase: 'load', reason: 'is another image' }]],
  ['one that lacks layers', `sha256:${ours} incomplete`, [{ phase: 'load', reason: 'lacks layers' }]],
])('loads %s', (_, line, tasks) => {
  expect(plan(line)).toEqual(tasks);
});

test('what a look says of an image as it was made leaves nothing to do', () => {
  const made = containerdImage.asMade('x:1', wanted);
  expect(made).toEqual(containerdImage.read(`sha256:${ours} complete`));
  expect(containerdImage.isSame?.(made, wanted)).toBe(true);
});

test('one that was pulled is compared by its reference, and by the digest of its tag where somebody asked', () => {
  const pulled = { spec: { reference: 'localhost/web:1' } };
  const planned = (line: string) => containerdImage.plan?.('x:1', containerdImage.read(line), pulled, before);
  const one = `sha256:${'1'.repeat(64)}`;
  expect(planned(`${one} complete ${one} localhost/web:1`)).toEqual([]);
  expect(planned(`${one} complete ${one} localhost/web:1 ${one}`)).toEqual([]);
  expect(planned(`${one} complete ${one} localhost/web:1 sha256:${'2'.repeat(64)}`)).toEqual([
    { phase: 'load', reason: 'is sha256:111111111111, and localhost/web:1 is sha256:222222222222 by now' },
  ]);
  expect(planned(`${one} complete ${one} localhost/other:1`)).toEqual([{ phase: 'load', reason: 'is another image' }]);
  expect(planned(`${one} complete`)).toEqual([{ phase: 'load', reason: 'is another image' }]);
  const made = containerdImage.asMade('x:1', pulled);
  expect(containerdImage.plan?.('x:1', made, pulled, before)).toEqual([]);
});
