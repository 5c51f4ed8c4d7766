import { kindOf } from '../manifest';
import { IMPACTS, type ImpactKind } from './impact-kinds';
import { kindNamed } from './kinds';
import type { ServicePlan, Step } from './step';

/** The effect on one unit or object of a service. */
export interface Impact {
  readonly kind: Exclude<ImpactKind, 'none'>;
  /** Name of the unit, path of the unit file, or key of the object. */
  readonly key: string;
  /** The reason, or the loss, in words that name keys but no values. */
  readonly reason: string;
}

/** The effects of a plan on running units and on written data, the most serious first. Pure. */
export function impactsOf(plan: ServicePlan): Impact[] {
  const impacts = plan.steps.flatMap((step) => impactOf(step, plan));
  return impacts.sort((a, b) => IMPACTS.indexOf(b.kind) - IMPACTS.indexOf(a.kind));
}

/** The most serious effect on a service. */
export function impactOn(plan: ServicePlan): ImpactKind {
  return impactsOf(plan)[0]?.kind ?? 'none';
}

function impactOf(step: Step, plan: ServicePlan): Impact[] {
  const { verb, kind, key, reason, impact = 'none' } = step;
  if (kind === 'objects' && verb === 'delete') {
    const { holds } = kindNamed(kindOf(key).kind);
    return holds === undefined ? [] : [{ kind: 'data loss', key, reason: `is removed with all that ${holds}` }];
  }
  if (kind === 'objects') return impact === 'none' || plan.action === 'create' ? [] : [{ kind: impact, key, reason }];
  switch (verb) {
    case 'restart':
    case 'start':
      return [{ kind: verb, key, reason: (!plan.move && reasonsToStart(step, plan).join(', ')) || reason }];
    case 'reload':
      return [{ kind: 'reload', key, reason }];
    case 'stop':
      return begins(plan, [key]) ? [] : [{ kind: 'stop', key, reason }];
    case 'write':
      return step.changes && !begins(plan, readersOf(key, plan)) ? [{ kind: 'reload', key, reason }] : [];
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

/** Differences in files and objects that a unit reads at its start. */
function reasonsToStart({ key }: Step, { steps, desired }: ServicePlan): string[] {
  const read = desired?.units[key]?.restartOn ?? [];
  return steps
    .filter((step) => (step.verb === 'write' || step.verb === 'load') && read.includes(step.key))
    .map((step) => `${step.key} ${step.reason}`);
}

/** The steps with the actual differences. Restarts, placing and recording follow from these steps. */
export function causesOf(plan: ServicePlan): readonly Step[] {
  const { steps } = plan;
  const causes = steps.filter(({ verb, key }) => {
    if (verb === 'restart' || verb === 'reload' || verb === 'place' || verb === 'record') return false;
    return verb !== 'stop' || !begins(plan, [key]);
  });
  return causes.length > 0 ? causes : steps;
}
