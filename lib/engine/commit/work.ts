import type { Transport } from '../../transport';
import { ApplyError } from '../errors';
import type { Tools } from '../kind';
import type { Observing } from '../observe/observe';
import type { Phase } from '../phases';
import { type Scope, scopeOf } from '../scope';
import type { Command } from '../sequence';
import type { HostState } from '../state';
import type { ServicePlan, Step } from '../step';
import type { TarFile } from '../tar';
import type { Started } from './start-units';

/** How many users are worked on at once: what their services run on takes its share of the host for each. */
const USERS_AT_ONCE = 8;

export type Progress = (service: string, message: string) => void;

/** Plans that are being carried out on a host, and what of them has failed. */
export interface Work extends Observing {
  readonly transport: Transport;
  readonly plans: readonly ServicePlan[];
  /** Names of those services whose turn it is. */
  readonly wave: ReadonlySet<string>;
  /** The host as it was before. */
  readonly before: HostState;
  readonly tools: Tools;
  readonly progress: Progress | undefined;
  /** Why services failed, by their names. */
  readonly errors: Map<string, ApplyError>;
  /** The host once all units had settled, if any was started. */
  settled: HostState | undefined;
  /** How the start of units went, by user. */
  readonly started: Map<string | undefined, Started>;
}

/** What the engine does in a phase for a user, or for the system: commands that need no answer in between. */
export type Part = (
  work: Work,
  user: string | undefined,
  plans: readonly ServicePlan[],
  /** Records that are to be written before anything else. */
  records: readonly TarFile[],
) => Command[] | Promise<Command[]>;

/** A step, and the plan that it is of. */
export interface PlannedStep {
  readonly plan: ServicePlan;
  readonly step: Step;
}

/** The plans whose turn it is, that have something to do and have not failed. */
export function pending({ plans, wave, errors }: Work): ServicePlan[] {
  return plans.filter(({ name, steps }) => wave.has(name) && steps.length > 0 && !errors.has(name));
}

/** Plans that remove their service. */
export function removals(work: Work): ServicePlan[] {
  return pending(work).filter(({ desired }) => !desired);
}

/** The steps of a phase, of some plans or of all that are pending. */
export function stepsOf(work: Work, phase: Phase, plans: readonly ServicePlan[] = pending(work)): PlannedStep[] {
  return plans.flatMap((plan) => plan.steps.filter(({ verb }) => verb === phase).map((step) => ({ plan, step })));
}

/** The keys of the steps of a phase. */
export function keysOf(work: Work, phase: Phase, plans?: readonly ServicePlan[]): string[] {
  return stepsOf(work, phase, plans).map(({ step }) => step.key);
}

/**
 * Does something for the system first, then for users, several at once: for each with what is to be done there. What
 * fails for a user fails for its services alone.
 */
export async function inScopes(
  work: Work,
  action: (scope: Scope, plans: ServicePlan[]) => Promise<void>,
): Promise<void> {
  const plans = pending(work);
  const act = (user: string | undefined) =>
    action(
      scopeOf(work.transport, user),
      plans.filter((plan) => plan.user === user),
    );
  if (plans.some(({ user }) => user === undefined)) await act(undefined);
  const users = new Set(plans.flatMap(({ user }) => user ?? []));
  await several(users, (user) =>
    attempt(
      work,
      plans.filter((plan) => plan.user === user),
      () => act(user),
    ),
  );
}

/** Says what is being done. */
export function tell({ progress }: Work, { path }: ServicePlan, { verb, key, reason }: Step): void {
  const why = verb === 'prepare' || verb === 'reload' || verb === 'restart' || verb === 'start' ? `: ${reason}` : '';
  progress?.(path, `${verb} ${key}${why}`);
}

/** Does something with each item, several at once. */
export async function several<T>(items: Iterable<T>, action: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await action(item);
  };
  await Promise.all(Array.from({ length: USERS_AT_ONCE }, worker));
}

/** Does something for plans; when the engine can't, they have failed, and others go on. */
export async function attempt(work: Work, plans: readonly ServicePlan[], action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error;
    for (const { name } of plans) work.errors.set(name, error);
  }
}
