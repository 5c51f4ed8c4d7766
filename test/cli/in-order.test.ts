import type { Goal, HostPlan } from '../../lib/cli/host-plan';
import { inOrder } from '../../lib/cli/in-order';
import { hostState, target } from './fixtures';

const plan = (stack: string, ...dependencies: readonly string[]): HostPlan => ({
  target: target({ stack, dependencies }),
  state: hostState(),
  services: [],
});

/** What is done when, where every stack takes two turns and `bad` fails. */
async function course(goal: Goal, ...plans: readonly HostPlan[]): Promise<string[]> {
  const done: string[] = [];
  const work = inOrder(plans, goal, async ({ target: { stack } }) => {
    done.push(`begin ${stack}`);
    await Promise.resolve();
    done.push(`end ${stack}`);
    if (stack === 'bad') throw new Error('bad');
  });
  expect(work.map(([{ target }]) => target.stack)).toEqual(plans.map(({ target }) => target.stack));
  await Promise.allSettled(work.map(([, result]) => result));
  return done;
}

test('stacks that know nothing of each other are applied at once', async () => {
  expect(await course('as in the bundle', plan('a'), plan('b'))).toEqual(['begin a', 'begin b', 'end a', 'end b']);
});

test('a stack is applied after those that it depends on, and removed before them', async () => {
  const plans = [plan('shop', 'base', 'elsewhere'), plan('base')];
  expect(await course('as in the bundle', ...plans)).toEqual(['begin base', 'end base', 'begin shop', 'end shop']);
  expect(await course('removed', ...plans)).toEqual(['begin shop', 'end shop', 'begin base', 'end base']);
});

test('stacks on one host are applied in turn, as they are named, also after one that fails', async () => {
  const { transport } = target();
  const on = (plan: HostPlan): HostPlan => ({ ...plan, target: { ...plan.target, transport } });
  expect(await course('as in the bundle', on(plan('bad')), plan('elsewhere'), on(plan('b')), on(plan('c')))).toEqual([
    ...['begin bad', 'begin elsewhere', 'end bad', 'end elsewhere'],
    ...['begin b', 'end b', 'begin c', 'end c'],
  ]);
});

test('one that fails holds up nobody', async () => {
  expect(await course('as in the bundle', plan('shop', 'bad'), plan('bad'))).toEqual([
    'begin bad',
    'end bad',
    'begin shop',
    'end shop',
  ]);
});
