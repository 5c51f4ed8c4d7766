import { commit } from './commit/commit';
import type { Work } from './commit/work';
import { ApplyError } from './errors';
import type { Means } from './generations/go-back';
import { undo } from './generations/undo';
import type { Observing } from './observe/observe';
import type { HostState } from './state';
import type { ServicePlan } from './step';
import { planWanted, type Wanted } from './wanted';
import { type Waves, wavesOf } from './waves';

/** The plans of an apply, and what carries them out. */
export interface Applying extends Means {
  readonly wanted: Wanted;
  /** State of the host before the apply. */
  readonly before: HostState;
  readonly plans: readonly ServicePlan[];
  /** Errors of failed services, by name. */
  readonly errors: Work['errors'];
  /** Names of services that the same deploy has already changed. */
  readonly switched: Set<string>;
  /** Looks at all services. */
  readonly looking: () => Observing;
}

/**
 * Carries out plans wave by wave. A service that fails goes back to its previous version, and services that depend on it
 * stay as they are.
 * @returns the state of the host at the end
 * @throws TransportError when the host is lost, ApplyError when something fails that concerns all services
 */
export async function applyWaves(applying: Applying): Promise<HostState> {
  const { before, plans, wanted, errors } = applying;
  const order = wavesOf(plans, before.records);
  let state = before;
  for (const wave of order.waves) {
    leaveDependents(applying, order, wave);
    if ([...wave].every((name) => errors.has(name))) continue;
    const current = state === before ? plans : planWanted(state, wanted);
    state = await applyWave(applying, state, current, wave);
  }
  return state;
}

async function applyWave(
  applying: Applying,
  before: HostState,
  plans: readonly ServicePlan[],
  wave: ReadonlySet<string>,
): Promise<HostState> {
  const { errors, observe, switched, looking } = applying;
  const changing = plans.filter(({ name, desired }) => wave.has(name) && desired && !errors.has(name));
  const work = { ...applying, plans, wave, before, settled: undefined, started: new Map() };
  const state = (await commit(work)) ?? (await observe());
  const failed = changing.filter(({ name }) => errors.has(name));
  for (const { name } of changing) if (!errors.has(name)) switched.add(name);
  if (failed.length === 0) return state;
  const undone = { plans: failed, switched, all: plans, errors, looking };
  return (await undo(applying, state, undone)) ?? (await observe());
}

/** Fails the services of a wave that depend on a failed service. */
function leaveDependents({ transport, plans, errors }: Applying, { before }: Waves, wave: ReadonlySet<string>): void {
  for (const plan of plans.filter(({ name }) => wave.has(name) && !errors.has(name))) {
    const failed = before(plan.name).find((other) => errors.has(other));
    if (failed !== undefined) errors.set(plan.name, leftAsItWas(transport.address, plan, failed));
  }
}

/** The error of a service that was not touched, because a service before it has failed. */
function leftAsItWas(host: string, { name, path, desired }: ServicePlan, failed: string): ApplyError {
  const problem = desired
    ? `${failed}, which it depends on, failed; ${name} stays as it was`
    : `${failed}, which comes first, failed; ${name} stays as it was`;
  const action = `${desired ? 'apply' : 'remove'} ${name}`;
  return new ApplyError({ host, service: path, action, problem, untouched: true, notDone: true });
}
