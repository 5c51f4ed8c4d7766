import { closureOf, type ServicePlan } from '../engine';
import type { Goal, HostPlan } from './host-plan';

/** A service of a plan, and what comes before it, on whichever host of its stack. */
export interface Subject {
  readonly plan: HostPlan;
  readonly name: string;
  /** Construct path. */
  readonly path: string;
  /** Undefined if its host could not be planned. */
  readonly service: ServicePlan | undefined;
  readonly before: Subject[];
}

/** Services of a host that change together. */
export interface Turn {
  readonly plan: HostPlan;
  readonly subjects: readonly Subject[];
  /** Turns that must have ended. */
  readonly before: readonly Turn[];
}

/**
 * Divides plans into turns. All services of a host that change are one turn, unless some of them come after services of
 * other hosts that change, too. Those that go back are one turn in any case, since what they share goes back with them.
 * Pure.
 */
export function turnsOf(plans: readonly HostPlan[], goal: Goal): Turn[] {
  const subjects = subjectsOf(plans, goal);
  const levelOf = levels(subjects);
  const turns = plans.flatMap((plan) => {
    const changing = subjects.filter((subject) => subject.plan === plan && changes(subject));
    const last = Math.max(0, ...changing.map(levelOf));
    // What leaves a host may be in use until then.
    const turnOf = (subject: Subject) => (isLeaving(subject, goal) ? last : levelOf(subject));
    const numbers = [...new Set(changing.map(turnOf))].sort((a, b) => a - b);
    return numbers.map((number) => {
      return { plan, number, subjects: changing.filter((subject) => turnOf(subject) === number), before: [] as Turn[] };
    });
  });
  for (const turn of turns) {
    const stacks = stacksBefore(turn.plan, plans, goal);
    const before = closureOf(turn.subjects, beforeIt);
    for (const other of turns) {
      const isEarlier = other.plan === turn.plan && other.number < turn.number;
      const isNeeded = other.plan !== turn.plan && other.subjects.some((subject) => before.has(subject));
      if (isEarlier || isNeeded || stacks.has(other.plan)) turn.before.push(other);
    }
  }
  return turns;
}

export const beforeIt = ({ before }: Subject): readonly Subject[] => before;

/** The plans of the stacks that come before the stack of a plan, directly or not. */
export function stacksBefore(plan: HostPlan, plans: readonly HostPlan[], goal: Goal): ReadonlySet<HostPlan> {
  const dependsOn = (one: HostPlan, other: HostPlan) => one.target.dependencies.includes(other.target.stack);
  return closureOf([plan], (next) =>
    plans.filter((other) => (goal === 'removed' ? dependsOn(other, next) : dependsOn(next, other))),
  );
}

const changes = ({ service }: Subject) => service !== undefined && service.steps.length > 0;

const isLeaving = ({ service }: Subject, goal: Goal) => goal !== 'removed' && service !== undefined && !service.desired;

function subjectsOf(plans: readonly HostPlan[], goal: Goal): Subject[] {
  const hosts = plans.map((plan) =>
    plan.error
      ? plan.target.manifests.map(({ name, path }): Subject => ({ plan, name, path, service: undefined, before: [] }))
      : plan.services.map((service): Subject => {
          const { name, path } = service;
          return { plan, name, path, service, before: [] };
        }),
  );
  const staying = hosts.map((subjects) => subjects.filter((subject) => !isLeaving(subject, goal)));
  const at = new Map(staying.flat().map((subject) => [subject.path, subject]));
  for (const subjects of staying) {
    const here = new Map(subjects.map((subject) => [subject.name, subject]));
    for (const subject of subjects) {
      const elsewhere = goal === 'as before' ? [] : (subject.plan.target.serviceDependencies[subject.path] ?? []);
      const others = [...afterOf(subject).map((name) => here.get(name)), ...elsewhere.map((path) => at.get(path))];
      for (const other of others) {
        if (other && goal === 'removed') other.before.push(subject);
        else if (other) subject.before.push(other);
      }
    }
  }
  return hosts.flat();
}

/** Names of services of the same host that a service depends on. */
function afterOf({ plan, name, service }: Subject): readonly string[] {
  const manifest = service?.desired ?? (plan.error ? undefined : plan.state.records.get(name)?.manifest);
  return manifest?.after ?? [];
}

/** The number of a service's turn on its host. It grows where a service comes after one of another host that changes. */
function levels(subjects: readonly Subject[]): (subject: Subject) => number {
  const dependents = new Map<Subject, Subject[]>();
  for (const subject of subjects) dependents.set(subject, []);
  for (const subject of subjects) for (const other of subject.before) dependents.get(other)?.push(subject);
  const changing = subjects.filter(changes);
  const pending = new Set([...changing, ...closureOf(changing, (subject) => dependents.get(subject) ?? [])]);
  const known = new Map<Subject, number>();
  const levelOf = (subject: Subject): number => {
    const level = known.get(subject);
    if (level !== undefined) return level;
    // Of services that depend on each other, none can come first.
    known.set(subject, 0);
    const ends = subject.before.map((other) => {
      const isElsewhere = other.plan !== subject.plan && pending.has(other);
      return levelOf(other) + (isElsewhere ? 1 : 0);
    });
    const result = Math.max(0, ...ends);
    known.set(subject, result);
    return result;
  };
  return levelOf;
}
