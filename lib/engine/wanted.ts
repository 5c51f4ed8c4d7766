import type { Manifest } from '../manifest';
import { asInstance, type Instances } from './instance';
import type { ObserveRequest } from './observe/observe';
import { planRemoval, planServices } from './plan';
import type { HostState } from './state';
import type { ServicePlan } from './step';
import type { Values } from './values';

/** What should be on the host after the apply. */
export interface Wanted {
  readonly manifests: readonly Manifest[];
  /** Secret values for objects of these manifests. */
  readonly values?: Values | undefined;
  /** Names of services to remove. */
  readonly remove: readonly string[];
  /** Whether to remove one of those services, asked once the host is locked and observed. @default - all are removed */
  readonly isToGo?: (name: string, state: HostState) => boolean;
  /**
   * The instance of each service from now on, for callers that tell instances apart: see instance.ts.
   * @default - the instances stay as they were
   */
  readonly instances?: Instances;
}

/** The request for a look at the host. @param facts Facts that are already known. */
export function requestOf({ manifests, values, remove: services }: Wanted, facts?: HostState['facts']): ObserveRequest {
  return { services, manifests, values, ...(facts && { facts }) };
}

/** A plan for each service. Plans of removals come last. Pure. */
export function planWanted(state: HostState, { manifests, remove, isToGo, instances }: Wanted): ServicePlan[] {
  const leaving = isToGo ? remove.filter((name) => isToGo(name, state)) : remove;
  return [
    ...planServices(state, manifests).map((plan) => asInstance(plan, instances, state)),
    ...leaving.map((name) => planRemoval(state, name)),
  ];
}
