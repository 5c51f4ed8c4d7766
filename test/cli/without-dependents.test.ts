import type { HostPlan } from '../../lib/cli/host-plan';
import { withoutDependents } from '../../lib/cli/without-dependents';
import { hostState, target } from './fixtures';

const plan = (stack: string, ...dependencies: readonly string[]): HostPlan => ({
  target: target({ stack, dependencies }),
  state: hostState(),
  services: [],
});
const dead = (stack: string, ...dependencies: readonly string[]): HostPlan => ({
  target: target({ stack, dependencies }),
  error: { message: 'Cannot reach it' },
});
const left = (plans: readonly HostPlan[]) =>
  plans.filter(({ error }) => error?.notDone).map(({ target: { stack } }) => stack);

test('a host that could not be planned keeps what depends on its stack as it is, and nothing else', () => {
  const plans = [plan('shop', 'base'), plan('front', 'shop'), plan('blog'), dead('base'), plan('base')];
  expect(left(withoutDependents(plans, 'as in the bundle'))).toEqual(['shop', 'front']);
  expect(withoutDependents(plans, 'as in the bundle')[0]?.error?.message).toBe(
    'Cannot change shop on ssh://root@192.0.2.10: base on ssh://root@192.0.2.10, which comes first, could not be planned; it stays as it is (at shop/host)',
  );
});

test('what is removed goes after what depends on it', () => {
  const plans = [dead('shop', 'base'), plan('base'), plan('blog', 'shop')];
  expect(left(withoutDependents(plans, 'removed'))).toEqual(['base']);
});

test('plans of hosts that answer are the same objects', () => {
  const plans = [plan('shop', 'base'), plan('base')];
  expect(withoutDependents(plans, 'as in the bundle')).toEqual(plans);
});
