import { choose } from '../../lib/cli/bundles';

test('the only stack needs no name', () => {
  expect(choose(['shop'], [])).toEqual(new Set(['shop']));
});

test('several stacks need one', () => {
  expect(() => choose(['shop', 'blog'], [])).toThrow(
    'Cannot choose a stack: there is more than one, expected one of shop, blog',
  );
});

test('an asterisk stands for any characters, and nothing else is special', () => {
  const stacks = ['shop-eu', 'shop-us', 'blog', 'a.b'];
  expect(choose(stacks, ['shop-*'])).toEqual(new Set(['shop-eu', 'shop-us']));
  expect(choose(stacks, ['*'])).toEqual(new Set(stacks));
  expect(choose(stacks, ['a.b', 'blog'])).toEqual(new Set(['a.b', 'blog']));
  expect(() => choose(stacks, ['bl.g'])).toThrow(
    'Cannot find stack "bl.g": expected one of shop-eu, shop-us, blog, a.b',
  );
});
