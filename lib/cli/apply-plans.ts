import { type ApplyOptions, type ApplyResult, apply, rollBack, type ServicePlan } from '../engine';
import type { Context } from './command';
import { type ErrorDocument, errorDocument, hostError, Interrupted } from './errors';
import type { Goal, HostPlan } from './host-plan';
import { inOrder } from './in-order';
import { count, duration } from './terminal';

/** What a change is about, and what it is called. */
export interface Words {
  readonly goal: Goal;
  /** "applying" */
  readonly doing: string;
  /** "Applied" */
  readonly done: string;
  /** Whether registries were asked about tags. */
  readonly checkTags?: boolean | undefined;
  /** What was seen when all went well. */
  readonly verified: string;
}

/** How it went with one service that was to change. */
export interface Outcome {
  readonly plan: HostPlan;
  readonly service: ServicePlan;
  /** Why it failed: by itself, or, as one and the same object, with all others of its host. */
  readonly error: ErrorDocument | undefined;
}

/**
 * Does what the plans say, on all hosts at once, and says how it went.
 * @throws Interrupted when it was cut off
 */
export async function applyPlans(
  plans: readonly HostPlan[],
  { terminal, signal }: Context,
  words: Words,
): Promise<Outcome[]> {
  const labels = labelsOf(plans);
  const progress = terminal.progress();
  progress.waiting(words.doing);
  const tell = (path: string, message: string) => progress.step(`${labels(path)}  ${message}`);
  try {
    const applying = inOrder(plans, words.goal, (plan) =>
      applyPlan(plan, words.goal, { progress: tell, signal, checkTags: words.checkTags }),
    );
    const outcomes = await Promise.all(applying.map(([plan, result]) => outcomesOf(plan, result)));
    if (signal.aborted) throw interrupted(signal, words.doing);
    progress.end();
    terminal.print(conclusion(outcomes.flat(), progress.elapsed, words));
    return outcomes.flat();
  } finally {
    progress.end();
  }
}

/** Only what was shown as changing, so that nothing happens that nobody approved. */
function changingOf(plan: HostPlan): readonly ServicePlan[] {
  return plan.error === undefined ? plan.services.filter(({ steps }) => steps.length > 0) : [];
}

async function applyPlan(
  plan: HostPlan,
  goal: Goal,
  told: Pick<ApplyOptions, 'progress' | 'signal' | 'checkTags'>,
): Promise<ApplyResult> {
  const changing = changingOf(plan);
  if (plan.error || changing.length === 0) return new Map();
  const manifests = changing.flatMap(({ desired }) => desired ?? []);
  const remove = changing.filter(({ desired }) => !desired).map(({ name }) => name);
  const { transport, asset, address } = plan.target;
  const state = plan.held && plan.state;
  const waiting = (message: string) => told.progress?.(address, message);
  const options = { ...told, asset, waiting, state };
  const locked = plan.held?.transport ?? transport;
  if (goal === 'as before') return rollBack(locked, manifests, options);
  return apply(locked, { manifests, values: plan.values, remove }, options);
}

/** What became of each service. Never rejects: what ends the work on one host does not end that on others. */
async function outcomesOf(plan: HostPlan, applying: Promise<ApplyResult>): Promise<Outcome[]> {
  try {
    const errors = await applying;
    return changingOf(plan).map((service) => {
      const error = errors.get(service.name);
      return { plan, service, error: error && errorDocument(error) };
    });
  } catch (reason) {
    const error = hostError(reason, plan.target.path);
    return changingOf(plan).map((service) => ({ plan, service, error }));
  }
}

function interrupted(signal: AbortSignal, doing: string): Interrupted {
  const { exitCode } = signal.reason as Interrupted;
  return new Interrupted(exitCode, `some services may be between two states, run the command again to go on ${doing}`);
}

/** A service is called by its name on the host, and by its construct path where there are several hosts. */
function labelsOf(plans: readonly HostPlan[]): (path: string) => string {
  const services = plans.flatMap(changingOf);
  const labels = new Map(services.map(({ name, path }) => [path, plans.length > 1 ? path : name]));
  const width = Math.max(0, ...[...labels.values()].map(({ length }) => length));
  return (path) => (labels.get(path) ?? path).padEnd(width);
}

function conclusion(outcomes: readonly Outcome[], ms: number, { done, verified }: Words): string {
  const bad = outcomes.filter(({ error }) => error !== undefined);
  const good = outcomes.length - bad.length;
  if (bad.length > 0) {
    const notDone = bad.filter(({ error }) => error?.notDone).length;
    const back = bad.filter(({ error }) => error?.wentBack).length;
    const again = back > 0 ? `; ${back === 1 ? 'one has its' : `${back} have their`} previous version again` : '';
    const left = notDone > 0 ? `, ${notDone} left as ${notDone === 1 ? 'it was' : 'they were'}` : '';
    return `${done} ${good} of ${count(outcomes.length, 'service')} in ${duration(ms)}, ${bad.length - notDone} failed${left}${again}.`;
  }
  return `${done} ${count(good, 'service')} in ${duration(ms)}; ${verified}.`;
}
