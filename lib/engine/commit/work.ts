import { kindOf } from '../../manifest';
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

/** Number of users that are handled at once. Each user's systemd and engine take their share of the host. */
const USERS_AT_ONCE = 8;

export type Progress = (service: string, message: string) => void;

/** Plans that are being carried out on a host, and their failures. */
export interface Work extends Observing {
  readonly transport: Transport;
  readonly plans: readonly ServicePlan[];
  /** Names of the services of the current wave. */
  readonly wave: ReadonlySet<string>;
  /** State of the host before the apply. */
  readonly before: HostState;
  readonly tools: Tools;
  readonly progress: Progress | undefined;
  /** Errors of failed services, by name. */
  readonly errors: Map<string, ApplyError>;
  /** State of the host after all units had settled; undefined if no unit was started. */
  settled: HostState | undefined;
  /** Results of starting units, by user. */
  readonly started: Map<string | undefined, Started>;
}

/** Work of the engine in a phase, for a user or for the system: commands that need no answer in between. */
export type Part = (
  work: Work,
  user: string | undefined,
  plans: readonly ServicePlan[],
  /** Records to write before anything else. */
  records: readonly TarFile[],
) => Command[] | Promise<Command[]>;

/** A step, and its plan. */
export interface PlannedStep {
  readonly plan: ServicePlan;
  readonly step: Step;
}

/** The plans of the current wave that have steps and have not failed. */
export function pending({ plans, wave, errors }: Work): ServicePlan[] {
  return plans.filter(({ name, steps }) => wave.has(name) && steps.length > 0 && !errors.has(name));
}

/** Plans that remove their service. */
export function removals(work: Work): ServicePlan[] {
  return pending(work).filter(({ desired }) => !desired);
}

/** The steps of a phase, of the given plans or of all pending plans. */
export function stepsOf(work: Work, phase: Phase, plans: readonly ServicePlan[] = pending(work)): PlannedStep[] {
  return plans.flatMap((plan) => plan.steps.filter(({ verb }) => verb === phase).map((step) => ({ plan, step })));
}

/** The keys of the steps of a phase. */
export function keysOf(work: Work, phase: Phase, plans?: readonly ServicePlan[]): string[] {
  return stepsOf(work, phase, plans).map(({ step }) => step.key);
}

/**
 * Calls a function first for the system, and then for users, several at once, each with its own plans. A failure for a
 * user fails only the services of that user.
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

/** Reports progress. */
export function tell({ progress }: Work, { path }: ServicePlan, { verb, key, reason }: Step): void {
  const onlyEmpty = verb === 'delete' && kindOf(key).onlyEmpty ? ' if it is empty' : '';
  const why =
    verb === 'prepare' || verb === 'reload' || verb === 'restart' || verb === 'start' ? `: ${reason}` : onlyEmpty;
  progress?.(path, `${verb} ${key}${why}`);
}

/** Calls a function for each item, several at once. */
export async function several<T>(items: Iterable<T>, action: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await action(item);
  };
  await Promise.all(Array.from({ length: USERS_AT_ONCE }, worker));
}

/** Calls a function for plans. If it fails, these plans have failed, and other plans go on. */
export async function attempt(work: Work, plans: readonly ServicePlan[], action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error;
    for (const { name } of plans) work.errors.set(name, error);
  }
}
