import type { Manifest } from '../manifest';
import type { Transport } from '../transport';
import { assetError } from './check-assets';
import { commit } from './commit/commit';
import type { Progress } from './commit/work';
import { ApplyError, CutOffError } from './errors';
import { undo } from './generations/undo';
import { asInstance, type Instances } from './instance';
import { lock } from './lock';
import { type ObserveRequest, observe, observing } from './observe/observe';
import { ownerObstacle } from './owners';
import { planRemoval, planService } from './plan';
import { differingObject } from './plan-objects';
import { runInSequence } from './sequence';
import type { ActualUser, HostState } from './state';
import { stateFor } from './state-for';
import type { ServicePlan } from './step';
import { reloadCommand } from './units';
import type { Values } from './values';
import { wavesOf } from './waves';

export interface ApplyOptions {
  /** Path of the asset with that digest on this machine. */
  readonly asset: (sha256: string) => string;
  /** Called with what is being done, service by service. */
  readonly progress?: Progress;
  /** Called with who else applies to the host, while this apply waits for them. */
  readonly waiting?: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Names of services that the same deploy has already changed. This apply adds its own. @default - none */
  readonly switched?: Set<string>;
  /** Pulls images again whose tags now name other images in their registries. @default - tags are not looked up */
  readonly checkTags?: boolean | undefined;
  /**
   * State of the host, observed with all wanted manifests. The caller has locked the host, and the transport is the
   * transport of the lock.
   * @default - the host is locked, and observed
   */
  readonly state?: HostState | undefined;
}

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

/** Result of each service: an error, or undefined. */
export type ApplyResult = ReadonlyMap<string, ApplyError | undefined>;

/**
 * Makes a host match: observes the host, plans, carries out all steps of all services at once (one daemon-reload, one
 * start of all units), and observes the host again. A plan must then be empty. If an apply is killed at any point, the
 * next apply converges.
 * @throws TransportError when the host is lost, ApplyError when something fails that concerns all services
 */
export async function apply(transport: Transport, wanted: Wanted, options: ApplyOptions): Promise<ApplyResult> {
  if (options.state) return applyTo(transport, options.state, wanted, options);
  const held = await lock(transport, options);
  try {
    const { checkTags, signal } = options;
    const found = await observe(held.transport, { ...requestOf(wanted), checkTags }, signal);
    return await applyTo(held.transport, found, wanted, options);
  } finally {
    await held.release();
  }
}

function requestOf({ manifests, values, remove: services }: Wanted, facts?: HostState['facts']): ObserveRequest {
  return { services, manifests, values, ...(facts && { facts }) };
}

async function applyTo(
  transport: Transport,
  found: HostState,
  wanted: Wanted,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { asset, progress, signal, checkTags, switched = new Set() } = options;
  const request = { ...requestOf(wanted, found.facts), checkTags };
  const looks = observing(transport, request, signal);
  const again = looks.observe;
  const looking = (services: readonly string[]) =>
    observing(transport, { ...request, services: [...wanted.remove, ...services] }, signal);
  const reloaded = await reloadIfBegun(transport, found, wanted, signal);
  const before = reloaded ? await again() : found;
  const plans = planAll(before, wanted);
  const errors = new Map(plans.flatMap((plan) => obstacleError(transport, plan, plans, before)));
  for (const plan of plans) {
    const error = errors.has(plan.name) ? undefined : await assetError(transport.address, plan, asset);
    if (error) errors.set(plan.name, error);
  }
  const pending = plans.filter(({ name, steps }) => steps.length > 0 && !errors.has(name));
  if (pending.length > 0) {
    const leaving = pending.flatMap(({ name, desired }) => (desired ? [] : [name]));
    const value = (key: string) => wanted.values?.get(key)?.bytes;
    const tools = { asset, value, leaving, signal };
    const work = { transport, tools, progress, errors, ...looks };
    const { waves, before: neededBy } = wavesOf(plans, before.records);
    let state = before;
    await toTheEnd(async () => {
      for (const wave of waves) {
        for (const name of wave) {
          const failed = errors.has(name) ? undefined : neededBy(name).find((other) => errors.has(other));
          const plan = plans.find((each) => each.name === name);
          if (plan && failed !== undefined) errors.set(name, leftAsItWas(transport.address, plan, failed));
        }
        if ([...wave].every((name) => errors.has(name))) continue;
        const current = state === before ? plans : planAll(state, wanted);
        const mayFail = current.filter(({ name, desired }) => wave.has(name) && desired && !errors.has(name));
        const whole = { ...work, plans: current, wave, before: state, settled: undefined, started: new Map() };
        state = (await commit(whole)) ?? (await again());
        const failed = mayFail.filter(({ name }) => errors.has(name));
        for (const { name } of mayFail) if (!errors.has(name)) switched.add(name);
        const undoing = { plans: failed, switched, all: current, errors, looking };
        if (failed.length > 0) state = (await undo(work, state, undoing)) ?? (await again());
      }
    }, signal);
    for (const plan of planAll(state, wanted)) {
      const [step] = plan.steps;
      if (!step || errors.has(plan.name)) continue;
      const { name, path: service, user, desired } = plan;
      const problem = `${step.key} ${step.reason} right after it was applied`;
      const advice = desired && differingObject(step.key, desired, stateFor(state, user).objects)?.advice;
      errors.set(name, new ApplyError({ host: transport.address, service, action: 'finish', problem, advice }));
    }
  }
  return new Map(plans.map(({ name }) => [name, errors.get(name)]));
}

/**
 * After an apply that was cut off, systemd may still have units whose files have changed or no longer exist. systemd
 * reports and handles such units correctly only after it has read its files again.
 */
async function reloadIfBegun(
  transport: Transport,
  { records, users }: HostState,
  { manifests, remove }: Wanted,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const names = [...manifests.map(({ name }) => name), ...remove];
  const begun = names.flatMap((name) => records.get(name) ?? []).filter((record) => record.begun);
  const owners = new Set(begun.map(({ manifest }) => manifest.user));
  const reachable = [...owners].filter((user) => user === undefined || isReachable(users.get(user)));
  await runInSequence(transport, reachable.map(reloadCommand), signal);
  return owners.size > 0;
}

function isReachable(user: ActualUser | undefined): boolean {
  return user?.running === true && user.problem === undefined;
}

/** @throws CutOffError when the work is cut off, ApplyError when the host is the cause */
async function toTheEnd<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApplyError) throw error;
    throw new CutOffError(signal?.aborted ? signal.reason : error);
  }
}

function planAll(state: HostState, { manifests, remove, isToGo, instances }: Wanted): ServicePlan[] {
  const leaving = isToGo ? remove.filter((name) => isToGo(name, state)) : remove;
  return [
    ...manifests.map((manifest) => asInstance(planService(state, manifest), instances, state)),
    ...leaving.map((name) => planRemoval(state, name)),
  ];
}

/** The error of a service that was not touched, because a service before it has failed. */
function leftAsItWas(host: string, { name, path, desired }: ServicePlan, failed: string): ApplyError {
  const problem = desired
    ? `${failed}, which it depends on, failed; ${name} stays as it was`
    : `${failed}, which comes first, failed; ${name} stays as it was`;
  const action = `${desired ? 'apply' : 'remove'} ${name}`;
  return new ApplyError({ host, service: path, action, problem, untouched: true, notDone: true });
}

function obstacleError(
  transport: Transport,
  plan: ServicePlan,
  plans: readonly ServicePlan[],
  state: HostState,
): [string, ApplyError][] {
  const { name, path } = plan;
  const obstacle = plan.obstacles[0] ?? ownerObstacle(plan, plans, state);
  if (!obstacle) return [];
  return [[name, new ApplyError({ host: transport.address, service: path, untouched: true, ...obstacle })]];
}
