import type { Manifest, UnitPart } from '../../manifest';
import type { ActualUnit, ServiceRecord } from '../state';
import type { Obstacle, Step } from '../step';

const RUNNING = ['active', 'reloading', 'activating'];

export interface UnitInput {
  readonly name: string;
  readonly actual: ActualUnit | undefined;
  readonly desired: UnitPart;
  /** Why the process must start anew: what it reads has changed. */
  readonly stale: string | undefined;
  /** What to do about the links that start it. */
  readonly links?: readonly Step[];
}

/** Plans one unit of a service. */
export function planUnit({ name, actual, desired, stale, links = [] }: UnitInput): Step[] {
  const step = (verb: Step['verb'], reason: string): Step => ({ verb, kind: 'units', key: name, reason });
  const steps: Step[] = [];
  const enabled = /^(enabled|alias|linked)/.test(actual?.unitFileState ?? '');
  if (desired.enabled === true && !enabled)
    steps.push(step('enable', actual?.unitFileState ? `is ${actual.unitFileState}` : 'is new'));
  else steps.push(...links);
  if (desired.enabled === false && enabled) steps.push(step('disable', 'is enabled'));

  const state = actual?.activeState ?? 'inactive';
  if (stale && RUNNING.includes(state)) steps.push(step('restart', stale));
  else if (desired.state === 'active' && state !== 'active')
    steps.push(step('start', stale ?? (state === 'failed' ? `has failed (${actual?.result})` : `is ${state}`)));
  return steps;
}

/** What stands in the way: a unit of that name that is not ours, which ours would shadow. */
export function unitObstacle(
  name: string,
  actual: ActualUnit | undefined,
  manifest: Manifest,
  record: ServiceRecord | undefined,
): Obstacle[] {
  if (!actual || manifest.adopt || record?.owns.units.includes(name)) return [];
  const from = actual.sourcePath || actual.fragmentPath;
  if (actual.loadState === 'not-found' || (!from && actual.activeState === 'inactive') || from in manifest.files)
    return [];
  return [
    {
      at: ['units', name],
      action: `make ${name}`,
      problem: `a unit of that name is there already${from ? `, from ${from}` : ''}`,
      advice: 'give the service another `name`, or set `adopt: true` on it to take the unit over',
    },
  ];
}
