import { type BundleRequest, type LoadedBundle, loadBundles } from './bundles';
import type { Context } from './command';
import { withConnections } from './connections';
import { byHost } from './each-host';
import { type Goal, type HostPlan, planHosts, targetsOf } from './host-plan';
import { leftOutLines } from './left-out-stacks';
import { checkSecretSources } from './secret-sources';
import { count } from './terminal';
import { waitForHosts } from './wait-for-hosts';

/** What to plan, and whether to hold the hosts until the work is done. */
export interface PlansRequest extends BundleRequest {
  readonly goal: Goal;
  /** @default false */
  readonly hold?: boolean | undefined;
  /** Whether to ask registries about tags. @default false */
  readonly checkTags?: boolean | undefined;
  /** For how long to wait for hosts that do not let us in yet, in milliseconds. @default - not at all */
  readonly waitForHostMs?: number | undefined;
}

/** Plans, and does some work with the plans while the connections are still there. */
export async function withPlans<T>(
  request: PlansRequest,
  context: Context,
  work: (plans: readonly HostPlan[]) => Promise<T>,
): Promise<T> {
  const { terminal, signal } = context;
  const bundles = await loadShowing(request, context);
  terminal.warn(...leftOutLines(bundles, request.goal));
  if (request.bundle && !request.trustSecrets && request.goal !== 'removed') checkSecretSources(bundles);
  return withConnections(async (connections) => {
    const targets = targetsOf(bundles, connections);
    const looking = `looking at ${count(byHost(targets).size, 'host')}`;
    const { goal, hold = false, checkTags, waitForHostMs } = request;
    if (waitForHostMs !== undefined) await waitForHosts(targets, waitForHostMs, signal);
    const plans = await terminal.waiting(looking, () => planHosts(targets, goal, { hold, checkTags, signal }));
    try {
      return await work(plans);
    } finally {
      await Promise.all(plans.map(({ held }) => held?.release()));
    }
  });
}

/** Loads bundles, and on a terminal says that it is doing so. */
export async function loadShowing(request: BundleRequest, { terminal, signal }: Context): Promise<LoadedBundle[]> {
  const warnings: string[] = [];
  const warn = (...lines: readonly string[]) => void warnings.push(...lines);
  const bundles = await terminal.waiting(request.bundle ? 'reading' : 'synthesizing', () =>
    loadBundles({ ...request, warn }, signal),
  );
  terminal.warn(...warnings);
  return bundles;
}
