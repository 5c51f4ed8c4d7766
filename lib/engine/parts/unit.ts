import { isUnitFile, type Manifest, type UnitPart, unitDigest } from '../../manifest';
import type { ServiceRecord } from '../service-record';
import type { ActualUnit } from '../state';
import type { Obstacle, Step } from '../step';

/** Whether a unit has processes or whatever else it keeps up. */
export function isRunning(unit: ActualUnit | undefined): boolean {
  return ['active', 'reloading', 'activating'].includes(unit?.activeState ?? 'inactive');
}

export interface UnitInput {
  readonly name: string;
  readonly actual: ActualUnit | undefined;
  readonly desired: UnitPart;
  /** Why the process must start anew, or a job run: what it reads has changed. */
  readonly stale: string | undefined;
  /** Why the process must read anew what it reads at a reload. */
  readonly outdated?: string | undefined;
  /** Why it must stop before anything is written: only its old definition knows how. */
  readonly replaced?: string | undefined;
  /** What to do about the links that start it. */
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
 * Why a unit is another one from now on, although it keeps its name. The new file would replace the old one before the
 * stop, and what the old one has in ExecStop= would never run.
 */
export function replacement(name: string, desired: Manifest, record: ServiceRecord | undefined): string | undefined {
  const { runtime, files, units } = desired;
  const before = record?.manifest.units[name];
  if (!record || !before) return undefined;
  // The unit of its network is the same, whatever runs it.
  const same = before.restartOn.length > 0 && before.state === units[name]?.state;
  if (same && record.applied[name] === unitDigest(desired, name)) return undefined;
  if (record.manifest.runtime !== runtime) return `${runtime} runs it from now on, not ${record.manifest.runtime}`;
  const source = before.restartOn.find((path) => isUnitFile(path) && !(path in files));
  if (source) return `${source} no longer makes it`;
  return before.state && !units[name]?.state ? 'another unit starts it from now on' : undefined;
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
