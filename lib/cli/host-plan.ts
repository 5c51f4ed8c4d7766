import {
  type HostState,
  type Lock,
  observe,
  planRemoval,
  planRollback,
  planService,
  planServices,
  type ServicePlan,
  Sources,
  tryLock,
  type Values,
} from '../engine';
import { belongsTo, type Manifest, type Owner } from '../manifest';
import type { Transport } from '../transport';
import type { LoadedBundle } from './bundles';
import type { Connections } from './connections';
import { atEachHost } from './each-host';
import { type ErrorDocument, hostError } from './errors';

/** The part of a stack that lies on one host. */
export interface Target extends Owner {
  /** Stacks that come before. */
  readonly dependencies: readonly string[];
  /** Construct paths of services on other hosts of the stack that come before, by the path of a service. */
  readonly serviceDependencies: Readonly<Record<string, readonly string[]>>;
  /** Construct path of the Host. */
  readonly path: string;
  readonly address: string;
  readonly transport: Transport;
  readonly manifests: readonly Manifest[];
  /** What the whole stack wants, on whichever host. */
  readonly wanted: readonly Manifest[];
  /** What the stack tells once it is applied: values as JSON, by their names. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Where the asset of that digest lies on this machine. */
  readonly asset: (sha256: string) => string;
}

/** What is to be done on one host, or why that is not known. */
export type HostPlan = { readonly target: Target } & (
  | {
      readonly state: HostState;
      readonly services: readonly ServicePlan[];
      /** Secret values of objects. */
      readonly values?: Values | undefined;
      /** Keeps the host as it was planned, but for what others than Bulkhead do to it. */
      readonly held?: Lock | undefined;
      readonly error?: undefined;
    }
  | { readonly error: ErrorDocument; readonly held?: undefined }
);

/** What the bundle's hosts should have: exactly what it says, no less, nothing, or what they had before. */
export type Goal = 'as in the bundle' | 'at least the bundle' | 'removed' | 'as before';

export function targetsOf(bundles: readonly LoadedBundle[], connections: Connections): Target[] {
  return bundles.flatMap(
    ({ project, stack, dependencies = [], serviceDependencies = {}, hosts, outputs = {}, asset }) => {
      const wanted = hosts.flatMap(({ manifests }) => manifests);
      return hosts.map((host) => ({
        ...(project === undefined ? {} : { project }),
        stack,
        dependencies,
        serviceDependencies,
        path: host.path,
        address: host.address,
        transport: connections.to(host),
        manifests: host.manifests,
        wanted,
        outputs,
        asset,
      }));
    },
  );
}

interface PlanningOptions {
  readonly hold: boolean;
  readonly checkTags?: boolean | undefined;
  readonly signal: AbortSignal;
}

/**
 * Looks at all hosts at once, once at each, and plans each stack on each. Never rejects for a host: the others are of
 * interest still. With `hold`, a single host is locked before, unless it is already, so that what is planned can be
 * applied without a second look. Of several, two may be the same machine under two names, and one would wait for the
 * other's lock for ever.
 */
export function planHosts(
  targets: readonly Target[],
  goal: Goal,
  { hold, checkTags, signal }: PlanningOptions,
): Promise<HostPlan[]> {
  const sources = new Sources();
  return atEachHost<Target, HostPlan>(targets, async (transport, stacks) => {
    let held: Lock | undefined;
    try {
      held = hold && targets.length === 1 ? await tryLock(transport, signal) : undefined;
      const locked = held?.transport ?? transport;
      if (goal === 'as before')
        return await Promise.all(stacks.map((target) => planBack(target, locked, held, signal)));
      const wanted = stacks.map(({ manifests }) => sources.valuesOf(goal === 'removed' ? [] : manifests));
      const values = await Promise.all(wanted);
      const all = new Map(values.flatMap((some) => [...some]));
      const manifests = stacks.flatMap((target) => target.manifests);
      const state = await observe(locked, { services: 'all', manifests, values: all, checkTags }, signal);
      return stacks.map((target, index) => {
        return { target, state, values: values[index], services: planTarget(target, state, goal), held };
      });
    } catch (error) {
      await held?.release();
      signal.throwIfAborted();
      return stacks.map((target) => ({ target, error: hostError(error, target.path) }));
    }
  });
}

async function planBack(
  target: Target,
  transport: Transport,
  held: Lock | undefined,
  signal: AbortSignal,
): Promise<HostPlan> {
  const { state, plans } = await planRollback(transport, target.manifests, signal);
  return { target, state, services: plans, held };
}

function planTarget(target: Target, state: HostState, goal: Exclude<Goal, 'as before'>): ServicePlan[] {
  if (goal === 'removed') {
    const unknown = target.manifests.map(({ name }) => name).filter((name) => state.damaged.has(name));
    return [...ownedBy(target, state), ...unknown].map((name) => planRemoval(state, name));
  }
  const wanted = planServices(state, target.manifests);
  if (goal === 'at least the bundle') return wanted;
  const left = leftOver(target, state).map((name) => {
    const path = state.records.get(name)?.manifest.path;
    return planRemoval(
      state,
      name,
      target.manifests.find((manifest) => manifest.path === path),
    );
  });
  return [...wanted, ...left];
}

/** Names of the services of the stack on a host that the bundle no longer has. */
export function leftOver(target: Target, state: HostState): string[] {
  const here = new Set(target.manifests.map(({ name }) => name));
  return ownedBy(target, state).filter((name) => !here.has(name));
}

function ownedBy(target: Target, state: HostState): string[] {
  const { wanted, manifests } = target;
  const here = new Set(manifests);
  const elsewhere = wanted.filter((manifest) => !here.has(manifest));
  return (
    [...state.records.values()]
      .map(({ manifest }) => manifest)
      .filter((recorded) => belongsTo(recorded, target))
      // Two Hosts of a stack may be one machine: what the other one wants is not this one's to remove.
      .filter((recorded) => !elsewhere.some(({ name, path }) => name === recorded.name && path === recorded.path))
      .map(({ name }) => name)
      .sort()
  );
}

/** Whether nothing would stand in the way of a service any more if it took over what is there. */
export function isAdoptable({ desired, obstacles }: ServicePlan, state: HostState): boolean {
  if (!desired || obstacles.length === 0) return false;
  return planService(state, { ...desired, adopt: true }).obstacles.length === 0;
}

export function hasChanges(plan: HostPlan): boolean {
  return plan.error === undefined && plan.services.some(({ steps }) => steps.length > 0);
}

/** Whether something stands in the way on a host that could be planned. */
export function isObstructed(plan: HostPlan): boolean {
  return plan.error === undefined && plan.services.some(({ obstacles }) => obstacles.length > 0);
}

/** Whether the host could be planned and nothing stands in the way. */
export function applicable(plan: HostPlan): boolean {
  return plan.error === undefined && !isObstructed(plan);
}
