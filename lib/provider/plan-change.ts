import { isDeepStrictEqual } from 'node:util';
import { type HostState, hiddenValues, impactsOf, planService, withHiddenValues } from '../engine';
import { SECRET_VALUES, type ServiceConfig } from '../manifest/terraform';
import type { Existing } from './replacements';
import type { Context, Plan, ProposedChange } from './resource';
import { isKnown } from './service-config';
import type { Computed, Config } from './service-schema';
import { UNKNOWN } from './unknown';
import { asDiagnosticsOnce, impactInWords, obstacleDiagnostic } from './words';

/** The service that a change is about. */
interface Subject {
  readonly service: ServiceConfig;
  /** What is there of it. */
  readonly existing: Existing | undefined;
  /** Failures of looks at hosts that have been told. */
  readonly failures: Set<unknown>;
  /** Looks at the host now, and compares it with the secret values of the service. */
  readonly look: () => Promise<HostState>;
}

/** Plans a change, and tells what would stand in its way. */
export async function planChange(
  { config, prior, planned }: ProposedChange<Config, Computed>,
  { service, existing, failures, look }: Subject,
  context: Context,
): Promise<Plan<Config, Computed>> {
  if (!isKnown(config)) {
    // Write-only values are in no state, so a change of them changes nothing in the proposal.
    const impact = isKnown((config as Config)[SECRET_VALUES]) ? planned.impact : (UNKNOWN as typeof planned.impact);
    return { planned: { ...planned, drift: [], impact } };
  }
  const { host, manifest } = service;
  const { drift = [], impact = [] } = prior ?? {};
  const same = prior && isDeepStrictEqual({ ...prior, drift, impact }, { ...planned, drift, impact });
  const isHidden = hiddenValues(manifest).length > 0;
  if (same && drift.length === 0 && !isHidden) return { planned: { ...planned, drift, impact } };
  const lookNow = () => asDiagnosticsOnce(failures, manifest.path, look);
  const found = isHidden ? await lookNow() : undefined;
  // Terraform also asks for this plan before it destroys a service. To destroy a service, no value is needed.
  const hidden = same && found ? withoutUnread(found, service, context) : found;
  const seen = prior && existing?.seen();
  const plan = seen && planService(hidden ? withHiddenValues(seen, manifest, hidden) : seen, manifest);
  // The host matches already, by `bulkhead apply` for example: that it differs from the state is nothing to do.
  if (same && plan?.steps.length === 0) return { planned: { ...planned, drift, impact } };
  // A name or a host that changes makes a new service, which finds out at apply what is in its way.
  const now = hidden ?? (await lookNow());
  for (const obstacle of now ? planService(now, manifest).obstacles : []) {
    // What runs as another user is replaced: by then it is destroyed.
    if (obstacle.at[0] !== 'user') context.error(obstacleDiagnostic({ host, manifest }, obstacle));
  }
  return { planned: { ...planned, drift: [], impact: plan ? impactsOf(plan).map(impactInWords) : [] } };
}

/** Warns of values that cannot be read. The service keeps the values that it has. */
function withoutUnread(state: HostState, service: ServiceConfig, context: Context): HostState {
  const { obstacles } = planService(state, service.manifest);
  const unread = obstacles.filter(({ at: [part, key = ''] }) => part === 'objects' && state.unread?.has(key));
  for (const obstacle of unread) context.warn(obstacleDiagnostic(service, obstacle));
  return { ...state, unread: new Map() };
}
