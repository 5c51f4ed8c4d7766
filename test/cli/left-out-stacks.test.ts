import { leftOutLines } from '../../lib/cli/left-out-stacks';

const others = [
  { stack: 'base' },
  { stack: 'shop', dependencies: ['base', 'cloud'] },
  { stack: 'blog', dependencies: ['base'] },
];

const linesOf = (goal: Parameters<typeof leftOutLines>[1], ...stacks: readonly string[]) =>
  leftOutLines(
    others.filter(({ stack }) => stacks.includes(stack)).map((bundle) => ({ ...bundle, others })),
    goal,
  );

test('an apply names stacks that one of its own depends on, if it leaves them out and they have hosts', () => {
  expect(linesOf('as in the bundle', 'shop')).toEqual(['Stack "shop" depends on stack "base", which stays as it is.']);
  expect(linesOf('as in the bundle', 'base', 'shop')).toEqual([]);
  expect(linesOf('as in the bundle', 'base')).toEqual([]);
});

test('a destroy names stacks that depend on one of its own, if it leaves them out', () => {
  expect(linesOf('removed', 'base')).toEqual([
    'Stack "shop" depends on stack "base", and is not destroyed with it.',
    'Stack "blog" depends on stack "base", and is not destroyed with it.',
  ]);
  expect(linesOf('removed', 'base', 'shop')).toEqual([
    'Stack "blog" depends on stack "base", and is not destroyed with it.',
  ]);
  expect(linesOf('removed', 'shop')).toEqual([]);
});

test('a rollback concerns services, and names no stacks', () => {
  expect(linesOf('as before', 'shop')).toEqual([]);
});
