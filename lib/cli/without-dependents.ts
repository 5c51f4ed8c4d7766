import type { Goal, HostPlan } from './host-plan';

/**
 * Leaves hosts as they are whose stack comes after one with a host that could not be planned: in the order of what depends
 * on what, or against it when services are removed.
 */
export function withoutDependents(plans: readonly HostPlan[], goal: Goal): HostPlan[] {
  const comesAfter = (plan: HostPlan, other: HostPlan) =>
    goal === 'removed'
      ? other.target.dependencies.includes(plan.target.stack)
      : plan.target.dependencies.includes(other.target.stack);
  let left: readonly HostPlan[] = plans;
  for (;;) {
    const next = left.map((plan) => {
      const missing = plan.error ? undefined : left.find((other) => other.error && comesAfter(plan, other));
      return missing ? leftAsItIs(plan, missing) : plan;
    });
    if (next.every((plan, index) => plan === left[index])) return next;
    left = next;
  }
}

function leftAsItIs({ target }: HostPlan, missing: HostPlan): HostPlan {
  const { stack, address, path } = target;
  const { target: other } = missing;
  const message = `Cannot change ${stack} on ${address}: ${other.stack} on ${other.address}, which comes first, could not be planned; it stays as it is (at ${path})`;
  return { target, error: { message, notDone: true } };
}
