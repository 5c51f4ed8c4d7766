import { batch } from '../../lib/engine/batch';

test('calls that come together run together, and each gets its own result', async () => {
  const runs: number[][] = [];
  const double = batch(1, async (items: readonly number[]) => {
    runs.push([...items]);
    return items.map((item) => item * 2);
  });
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6]);
  expect(runs).toEqual([[1, 2, 3]]);
});

test('calls that come while a batch runs wait and form the next one', async () => {
  const runs: string[][] = [];
  let later: Promise<string> | undefined;
  const echo = batch(1, async (items: readonly string[]) => {
    runs.push([...items]);
    later ??= echo('later');
    return items;
  });
  expect(await echo('first')).toBe('first');
  expect(await later).toBe('later');
  expect(runs).toEqual([['first'], ['later']]);
});

test('a failure reaches every caller of its batch and no other', async () => {
  let fail = true;
  const run = batch(1, async (items: readonly string[]) => {
    if (fail) throw new Error('lost');
    return items;
  });
  const results = await Promise.allSettled([run('a'), run('b')]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  fail = false;
  expect(await run('c')).toBe('c');
});
