import { isDeepStrictEqual } from 'node:util';
import { impactsOf, planService, type ServicePlan } from '../engine';
import type { ServiceConfig } from '../manifest/terraform';
import type { Existing } from './replacements';
import type { Context, Plan, ProposedChange } from './resource';
import { isKnown } from './service-config';
import type { Computed, Config } from './service-schema';
import { asDiagnosticsOnce, impactInWords, obstacleDiagnostic } from './words';

/** The service that a change is about. */
interface Subject {
  readonly service: ServiceConfig;
  /** What is there of it. */
  readonly existing: Existing | undefined;
  /** Failures of looks at hosts that have been told. */
  readonly failures: Set<unknown>;
  /** What an apply would do to the host as it is now. */
  readonly live: () => Promise<ServicePlan>;
}

/** Plans a change, and tells what would stand in its way. */
export async function planChange(
  { config, prior, planned }: ProposedChange<Config, Computed>,
  { service, existing, failures, live }: Subject,
  context: Context,
): Promise<Plan<Config, Computed>> {
  if (!isKnown(config)) return { planned: { ...planned, drift: [] } };
  const { drift = [], impact = [] } = prior ?? {};
  const same = prior && isDeepStrictEqual({ ...prior, drift, impact }, { ...planned, drift, impact });
  if (same && drift.length === 0) return { planned: { ...planned, drift, impact } };
  const plan = prior && existing && planService(existing.seen(), service.manifest);
  // The host matches already, by `bulkhead apply` for example: that it differs from the state is nothing to do.
  if (same && plan?.steps.length === 0) return { planned: { ...planned, drift, impact } };
  // A name or a host that changes makes a new service, which finds out at apply what is in its way.
  const now = await asDiagnosticsOnce(failures, service.manifest.path, live);
  for (const obstacle of now?.obstacles ?? []) {
    // What runs as another user is replaced: by then it is destroyed.
    if (obstacle.at[0] !== 'user') context.error(obstacleDiagnostic(service, obstacle));
  }
  return { planned: { ...planned, drift: [], impact: plan ? impactsOf(plan).map(impactInWords) : [] } };
}
