import { type ApplyOptions, type ApplyResult, apply, rollBack, type ServicePlan } from '../engine';
import type { Context } from './command';
import { type ErrorDocument, errorDocument, hostError, Interrupted } from './errors';
import type { Goal, HostPlan } from './host-plan';
import { inOrder, type Outcome } from './in-order';
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
    const told = { progress: tell, signal, checkTags: words.checkTags };
    const outcomes = await inOrder(plans, words.goal, (plan, services) =>
      failuresOf(plan, services, () => applyServices(plan, services, words.goal, told)),
    );
    if (signal.aborted) throw interrupted(signal, words.doing);
    progress.end();
    terminal.print(conclusion(outcomes, progress.elapsed, words));
    return outcomes;
  } finally {
    progress.end();
  }
}

/** Only what was shown as changing, so that nothing happens that nobody approved. */
function changingOf(plan: HostPlan): readonly ServicePlan[] {
  return plan.error === undefined ? plan.services.filter(({ steps }) => steps.length > 0) : [];
}

async function applyServices(
  plan: HostPlan,
  services: readonly ServicePlan[],
  goal: Goal,
  told: Pick<ApplyOptions, 'progress' | 'signal' | 'checkTags'>,
): Promise<ApplyResult> {
  if (plan.error) return new Map();
  const manifests = services.flatMap(({ desired }) => desired ?? []);
  const remove = services.filter(({ desired }) => !desired).map(({ name }) => name);
  const { transport, asset, address } = plan.target;
  const state = plan.held && plan.state;
  const waiting = (message: string) => told.progress?.(address, message);
  const options = { ...told, asset, waiting, state };
  const locked = plan.held?.transport ?? transport;
  if (goal === 'as before') return rollBack(locked, manifests, options);
  return apply(locked, { manifests, values: plan.values, remove }, options);
}

/** Errors of services, by name. Never rejects: what ends the work on one host does not end that on others. */
async function failuresOf(
  { target }: HostPlan,
  services: readonly ServicePlan[],
  applying: () => Promise<ApplyResult>,
): Promise<ReadonlyMap<string, ErrorDocument>> {
  try {
    const errors = await applying();
    return new Map([...errors].flatMap(([name, error]) => (error ? [[name, errorDocument(error)] as const] : [])));
  } catch (reason) {
    const error = hostError(reason, target.path);
    return new Map(services.map(({ name }) => [name, error]));
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
    const failed = bad.length > notDone ? `, ${bad.length - notDone} failed` : '';
    return `${done} ${good} of ${count(outcomes.length, 'service')} in ${duration(ms)}${failed}${left}${again}.`;
  }
  return `${done} ${count(good, 'service')} in ${duration(ms)}; ${verified}.`;
}
