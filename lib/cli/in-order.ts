import type { Transport } from '../transport';
import type { Goal, HostPlan } from './host-plan';

/**
 * Works on plans at once, with two exceptions. Stacks that depend on each other: what is depended on is applied first, and
 * removed last. Stacks on one host: its lock lets only one at a time change it, and all others would take the sessions
 * of the connection that this one needs. A plan waits for the ones before however they end.
 */
export function inOrder<T>(
  plans: readonly HostPlan[],
  goal: Goal,
  work: (plan: HostPlan) => Promise<T>,
): readonly (readonly [plan: HostPlan, result: Promise<T>])[] {
  const dependsOn = (plan: HostPlan, other: HostPlan) => plan.target.dependencies.includes(other.target.stack);
  const turns = new Map<Transport, Promise<unknown>>();
  const inTurn = (plan: HostPlan): Promise<T> => {
    const { transport } = plan.target;
    const result = Promise.allSettled([turns.get(transport)]).then(() => work(plan));
    turns.set(transport, result);
    return result;
  };
  const results = new Map<HostPlan, Promise<T>>();
  const begin = (plan: HostPlan): Promise<T> => {
    const begun = results.get(plan);
    if (begun) return begun;
    const before = plans.filter((other) => (goal === 'removed' ? dependsOn(other, plan) : dependsOn(plan, other)));
    const result = Promise.allSettled(before.map(begin)).then(() => inTurn(plan));
    results.set(plan, result);
    return result;
  };
  return plans.map((plan) => [plan, begin(plan)]);
}
