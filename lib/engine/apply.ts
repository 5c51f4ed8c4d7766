import type { Transport } from '../transport';
import { applyWaves } from './apply-waves';
import { assetError } from './check-assets';
import type { Progress } from './commit/work';
import { ApplyError, CutOffError } from './errors';
import { lock } from './lock';
import { observe, observing } from './observe/observe';
import { ownerObstacle } from './owners';
import { differingObject } from './plan-objects';
import { reloadIfBegun } from './reload-begun';
import { remadeBy } from './remade';
import type { HostState } from './state';
import { stateFor } from './state-for';
import type { ServicePlan } from './step';
import { planWanted, requestOf, type Wanted } from './wanted';

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

async function applyTo(
  transport: Transport,
  found: HostState,
  wanted: Wanted,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { asset, progress, signal, checkTags, switched = new Set() } = options;
  const request = { ...requestOf(wanted, found.facts), checkTags };
  const looks = observing(transport, request, signal);
  const before = (await reloadIfBegun(transport, found, wanted, signal)) ? await looks.observe() : found;
  const plans = planWanted(before, wanted);
  const errors = await refusals(transport.address, plans, before, asset);
  const pending = plans.filter(({ name, steps }) => steps.length > 0 && !errors.has(name));
  if (pending.length > 0) {
    const leaving = pending.flatMap(({ name, desired }) => (desired ? [] : [name]));
    const value = (key: string) => wanted.values?.get(key)?.bytes;
    const tools = { asset, value, leaving, signal };
    const looking = () => observing(transport, { ...request, services: 'all' }, signal);
    // Of services that are not wanted now, those that use what is made again are not known yet.
    const isForMore = !options.state && remadeBy(pending, before).size > 0;
    const known = isForMore ? { ...before, records: (await looking().observe()).records } : before;
    const applying = { ...looks, transport, tools, progress, wanted, before: known, plans, errors, switched, looking };
    const state = await toTheEnd(() => applyWaves(applying), signal);
    for (const plan of planWanted(state, wanted)) {
      const error = errors.has(plan.name) ? undefined : unfinished(transport.address, plan, state);
      if (error) errors.set(plan.name, error);
    }
  }
  return new Map(plans.map(({ name }) => [name, errors.get(name)]));
}

/** Errors of services that are refused before anything is changed, by name. */
async function refusals(
  host: string,
  plans: readonly ServicePlan[],
  state: HostState,
  asset: ApplyOptions['asset'],
): Promise<Map<string, ApplyError>> {
  const errors = new Map<string, ApplyError>();
  for (const plan of plans) {
    const { name, path: service } = plan;
    const obstacle = plan.obstacles[0] ?? ownerObstacle(plan, plans, state);
    const error = obstacle
      ? new ApplyError({ host, service, untouched: true, ...obstacle })
      : await assetError(host, plan, asset);
    if (error) errors.set(name, error);
  }
  return errors;
}

/** The error of a service that does not match although it was applied. */
function unfinished(host: string, { path: service, user, desired, steps }: ServicePlan, state: HostState) {
  const [step] = steps;
  if (!step) return undefined;
  const problem = `${step.key} ${step.reason} right after it was applied`;
  const advice = desired && differingObject(step.key, desired, stateFor(state, user).objects)?.advice;
  return new ApplyError({ host, service, action: 'finish', problem, advice });
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
