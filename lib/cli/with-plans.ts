import { type BundleRequest, type LoadedBundle, loadBundles } from './bundles';
import type { Context } from './command';
import { withConnections } from './connections';
import { type Goal, type HostPlan, planHosts, targetsOf } from './host-plan';
import { count } from './terminal';

/** Plans, and does some work with the plans while the connections are still there. */
export async function withPlans<T>(
  request: BundleRequest,
  goal: Goal,
  context: Context,
  work: (plans: readonly HostPlan[]) => Promise<T>,
): Promise<T> {
  const { terminal, signal } = context;
  const bundles = await loadShowing(request, context);
  return withConnections(async (connections) => {
    const targets = targetsOf(bundles, connections);
    const looking = `looking at ${count(targets.length, 'host')}`;
    const plans = await terminal.waiting(looking, () => planHosts(targets, goal, signal));
    return work(plans);
  });
}

/** Loads bundles, and on a terminal says that it is doing so. */
export function loadShowing(request: BundleRequest, { terminal, signal }: Context): Promise<LoadedBundle[]> {
  return terminal.waiting(request.bundle ? 'reading' : 'synthesizing', () => loadBundles(request, signal));
}
