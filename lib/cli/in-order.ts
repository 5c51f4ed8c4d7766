import { ApplyError, closureOf, type ServicePlan } from '../engine';
import type { Transport } from '../transport';
import { type ErrorDocument, errorDocument } from './errors';
import type { Goal, HostPlan } from './host-plan';
import { beforeIt, type Subject, stacksBefore, type Turn, turnsOf } from './turns';

/** Errors of services, by name. */
type Failures = ReadonlyMap<string, ErrorDocument>;

/** How it went with one service that was to change. */
export interface Outcome {
  readonly plan: HostPlan;
  readonly service: ServicePlan;
  /** Why it failed: by itself, or, as one and the same object, with all others of its host. */
  readonly error: ErrorDocument | undefined;
}

/**
 * Changes all hosts at once, with three exceptions. What a service or a stack depends on is applied before it, and removed
 * after it; if that fails, the service or the stack stays as it is. Stacks on one host are changed in turn: its lock lets
 * only one at a time change it, and all others would take the sessions of the connection that this one needs.
 * @param work Changes services of a host. Never rejects.
 */
export async function inOrder(
  plans: readonly HostPlan[],
  goal: Goal,
  work: (plan: HostPlan, services: readonly ServicePlan[]) => Promise<Failures>,
): Promise<Outcome[]> {
  const turns = turnsOf(plans, goal);
  const errors = new Map<Subject, ErrorDocument>();
  const ofHost = new Map<Transport, Promise<void>>();
  const begun = new Map<Turn, Promise<void>>();

  const hasFailed = (subject: Subject) => errors.has(subject) || subject.plan.error !== undefined;
  const leftAsItWas = (subject: Subject): ErrorDocument | undefined => {
    if (errors.size === 0 && plans.every(({ error }) => error === undefined)) return undefined;
    const stacks = stacksBefore(subject.plan, plans, goal);
    const inStacks = [...errors.keys()].filter(({ plan }) => stacks.has(plan));
    const failed = [...closureOf([subject], beforeIt)].filter(hasFailed).concat(inStacks);
    const cause = failed.find((other) => !errors.get(other)?.notDone) ?? failed[0];
    return cause && notDone(subject, cause);
  };
  const carryOut = async ({ plan, subjects }: Turn): Promise<void> => {
    for (const subject of subjects) {
      const error = leftAsItWas(subject);
      if (error) errors.set(subject, error);
    }
    const left = subjects.filter((subject) => !errors.has(subject));
    if (left.length === 0) return;
    const services = left.flatMap(({ service }) => service ?? []);
    const failures = await work(plan, services);
    for (const subject of left) {
      const error = failures.get(subject.name);
      if (error) errors.set(subject, error);
    }
  };
  const begin = (turn: Turn): Promise<void> => {
    const known = begun.get(turn);
    if (known) return known;
    const { transport } = turn.plan.target;
    const result = Promise.all(turn.before.map(begin)).then(() => {
      const inTurn = Promise.resolve(ofHost.get(transport)).then(() => carryOut(turn));
      ofHost.set(transport, inTurn);
      return inTurn;
    });
    begun.set(turn, result);
    return result;
  };
  await Promise.all(turns.map(begin));
  return turns.flatMap(({ plan, subjects }) =>
    subjects.flatMap((subject) =>
      subject.service ? { plan, service: subject.service, error: errors.get(subject) } : [],
    ),
  );
}

function notDone({ plan, service, name, path }: Subject, cause: Subject): ErrorDocument {
  const { address } = plan.target;
  const other = cause.plan === plan ? cause.name : `${cause.name} on ${cause.plan.target.address}`;
  const why = cause.plan.error ? 'could not be planned' : 'failed';
  const relation = service?.desired ? 'it depends on' : 'comes first';
  const problem = `${other}, which ${relation}, ${why}; ${name} stays as it was`;
  const action = `${service?.desired ? 'apply' : 'remove'} ${name}`;
  return errorDocument(new ApplyError({ host: address, service: path, action, problem, notDone: true }));
}
