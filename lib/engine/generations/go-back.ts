import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kindOf } from '../../manifest';
import { assetError } from '../check-assets';
import { commit } from '../commit/commit';
import type { Work } from '../commit/work';
import { ApplyError } from '../errors';
import { kindNamed } from '../kinds';
import type { HostState } from '../state';
import type { ServicePlan, Step } from '../step';
import { bringAssets } from './bring-assets';
import { planBack } from './plan-back';
import type { KeptVersion } from './read';

/** What is needed to carry out a plan. */
export type Means = Pick<Work, 'transport' | 'tools' | 'progress' | 'observe' | 'observeLater'>;

/** How going back went. */
export interface WentBack {
  /** The host as it is now, unless that is not known without looking at it again. */
  readonly state: HostState | undefined;
  /** What was done, by the names of services. */
  readonly plans: ReadonlyMap<string, ServicePlan>;
  /** Why some could not go back. */
  readonly errors: ReadonlyMap<string, ApplyError>;
}

const needsAsset = ({ kind, key }: Step) => kind !== 'objects' || !kindNamed(kindOf(key).kind).takesBack;

/**
 * Makes services what they were, all at once. What they have written stays.
 * @param others Plans of all other services, of which nothing is done.
 */
export async function goBack(
  means: Means,
  host: HostState,
  versions: readonly KeptVersion[],
  others: readonly ServicePlan[] = [],
): Promise<WentBack> {
  const { transport, tools } = means;
  const { state, plans } = planBack(host, versions, tools.value);
  const errors = new Map<string, ApplyError>();
  const directory = await mkdtemp(join(tmpdir(), 'bulkhead-assets-'));
  try {
    const pairs = versions.flatMap((version) => {
      const plan = plans.find(({ name }) => name === version.service);
      return plan ? [{ plan, version }] : [];
    });
    const asset = await bringAssets(transport, directory, pairs, tools);
    for (const plan of plans) {
      const [obstacle] = plan.obstacles;
      const { address: host } = transport;
      const error = obstacle
        ? new ApplyError({ host, service: plan.path, untouched: true, ...obstacle })
        : await assetError(host, { ...plan, steps: plan.steps.filter(needsAsset) }, asset);
      if (error) errors.set(plan.name, error);
    }
    const names = new Set(plans.map(({ name }) => name));
    const now = await commit({
      ...means,
      tools: { ...tools, asset, isBack: true },
      plans: [...plans, ...others.filter(({ name }) => !names.has(name))],
      wave: names,
      before: state,
      errors,
      settled: undefined,
      started: new Map(),
    });
    return { state: now, plans: new Map(plans.map((plan) => [plan.name, plan])), errors };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
