import { isUnitFile, type Manifest, type UnitPart, unitDigest } from '../../manifest';
import type { ServiceRecord } from '../service-record';
import type { ActualUnit } from '../state';
import type { Obstacle, Step } from '../step';

/** Whether a unit keeps processes or anything else running. */
export function isRunning(unit: ActualUnit | undefined): boolean {
  return ['active', 'reloading', 'activating'].includes(unit?.activeState ?? 'inactive');
}

export interface UnitInput {
  readonly name: string;
  readonly actual: ActualUnit | undefined;
  readonly desired: UnitPart;
  /** Why the process must restart, or the job must run: its input has changed. */
  readonly stale: string | undefined;
  /** Why the unit must reload: its input for a reload has changed. */
  readonly outdated?: string | undefined;
  /** Why the unit must stop before anything is written: only its old definition can stop it. */
  readonly replaced?: string | undefined;
  /** Steps for the links that start the unit. */
  readonly links?: readonly Step[];
}

/** Plans one unit of a service. */
export function planUnit({ name, actual, desired, stale, outdated, replaced, links = [] }: UnitInput): Step[] {
  const step = (verb: Step['verb'], reason: string): Step => ({ verb, kind: 'units', key: name, reason });
  const steps: Step[] = [];
  const enabled = /^(enabled|alias|linked)/.test(actual?.unitFileState ?? '');
  if (desired.enabled === true && !enabled)
    steps.push(step('enable', actual?.unitFileState ? `is ${actual.unitFileState}` : 'is new'));
  else steps.push(...links);
  if (desired.enabled === false && enabled) steps.push(step('disable', 'is enabled'));

  if (desired.state === 'done') return stale ? [...steps, step('start', stale)] : steps;
  const state = actual?.activeState ?? 'inactive';
  const runs = isRunning(actual);
  const stops = replaced !== undefined && runs;
  if (stops) steps.push(step('stop', replaced));
  if (stops && desired.state === 'active') steps.push(step('restart', stale ?? replaced));
  else if (stops) return steps;
  else if (stale && runs) steps.push(step('restart', stale));
  else if (outdated && runs) steps.push(step('reload', outdated));
  else if (desired.state === 'active' && state !== 'active' && (stale || actual?.unmet === undefined))
    steps.push(step('start', stale ?? (state === 'failed' ? `has failed (${actual?.result})` : `is ${state}`)));
  return steps;
}

/**
 * Why a unit becomes a different one under the same name. The new file would replace the old file before the stop, so
 * ExecStop= of the old file would never run.
 */
export function replacement(name: string, desired: Manifest, record: ServiceRecord | undefined): string | undefined {
  const { runtime, files, units } = desired;
  const before = record?.manifest.units[name];
  if (!record || !before) return undefined;
  // The unit of the service's network is the same for every runtime.
  const runsWithIt = record.applied[name] === unitDigest(desired, name);
  const same = before.restartOn.length > 0 && before.state === units[name]?.state;
  if (same && runsWithIt) return undefined;
  if (record.manifest.runtime !== runtime) return `${runtime} runs it from now on, not ${record.manifest.runtime}`;
  const source = before.restartOn.find((path) => isUnitFile(path) && !(path in files));
  if (source) return `${source} no longer creates it`;
  if (units[name]?.state) return undefined;
  // What runs may be of a version that was to run all the time: a change was cut off, or goes back.
  const mayBeOther = record.begun === true && !runsWithIt;
  return before.state || mayBeOther ? 'another unit starts it from now on' : undefined;
}

/** The obstacle: a unit of that name that Bulkhead does not own, and that the new unit would hide. */
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
      action: `create ${name}`,
      problem: `a unit of that name already exists${from ? `, from ${from}` : ''}`,
      advice: 'give the service another `name`, or set `adopt: true` on it to take the unit over',
    },
  ];
}
