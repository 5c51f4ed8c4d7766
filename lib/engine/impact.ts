import type { ServicePlan, Step } from './step';

/** What a plan can do to a service, the least first. */
export const IMPACTS = [
  'none', // a process that runs does not notice
  'reload', // systemd takes over a change of a unit that goes on running
  'start',
  'restart',
  'stop', // for good
  're-create', // the root of a machine is replaced by a new one
  'data loss', // what has been written is gone
] as const;
export type ImpactKind = (typeof IMPACTS)[number];

/** What happens to one unit, root or object of a service. */
export interface Impact {
  readonly kind: Exclude<ImpactKind, 'none'>;
  /** Name of the unit or object, path of the root or unit file. */
  readonly key: string;
  /** Why, or what is lost, in words that name keys and no values. */
  readonly reason: string;
}

/** What the steps of a plan come to for what runs and for what has been written, the gravest first. Pure. */
export function impactsOf(plan: ServicePlan): Impact[] {
  const impacts = plan.steps.flatMap((step) => impactOf(step, plan));
  return impacts.sort((a, b) => IMPACTS.indexOf(b.kind) - IMPACTS.indexOf(a.kind));
}

/** The gravest of all that happens to a service. */
export function impactOn(plan: ServicePlan): ImpactKind {
  return impactsOf(plan)[0]?.kind ?? 'none';
}

function impactOf(step: Step, plan: ServicePlan): Impact[] {
  const { verb, kind, key, reason } = step;
  switch (verb) {
    case 'restart':
    case 'start':
      return [{ kind: verb, key, reason: causes(step, plan).join(', ') || reason }];
    case 'stop':
      return begins(plan, [key]) ? [] : [{ kind: 'stop', key, reason }];
    case 'load':
      if (plan.action === 'create' || plan.desired?.images[key]?.store !== 'machines') return [];
      return [{ kind: 're-create', key, reason }];
    case 'write':
      return step.changes && !begins(plan, readersOf(key, plan)) ? [{ kind: 'reload', key, reason }] : [];
    case 'remove':
      if (kind === 'images' && key.startsWith('/'))
        return [{ kind: 'data loss', key, reason: 'is removed with all that was written into it' }];
      if (kind === 'objects' && key.startsWith('volume:'))
        return [{ kind: 'data loss', key, reason: 'is removed with all that is in it' }];
      if (kind === 'users') return [{ kind: 'data loss', key, reason: 'is removed with all that is in its home' }];
      return [];
    default:
      return [];
  }
}

function begins({ steps }: ServicePlan, units: readonly string[]): boolean {
  return steps.some(({ verb, key }) => (verb === 'restart' || verb === 'start') && units.includes(key));
}

function readersOf(path: string, { desired }: ServicePlan): string[] {
  return Object.entries(desired?.units ?? {}).flatMap(([name, { restartOn }]) =>
    restartOn.includes(path) ? [name] : [],
  );
}

/** How the files and images differ that a unit reads when it starts. */
function causes({ key }: Step, { steps, desired }: ServicePlan): string[] {
  const read = desired?.units[key]?.restartOn ?? [];
  return steps
    .filter((step) => (step.verb === 'write' || step.verb === 'load') && read.includes(step.key))
    .map((step) => `${step.key} ${step.reason}`);
}

/** The steps that say what differs: that something restarts or is written down follows from them. */
export function causesOf(plan: ServicePlan): readonly Step[] {
  const { steps } = plan;
  const causes = steps.filter(({ verb, key }) => {
    if (verb === 'restart' || verb === 'record') return false;
    return verb !== 'stop' || !begins(plan, [key]);
  });
  return causes.length > 0 ? causes : steps;
}
