import { kindOf, type Manifest, type ObjectPart, objectKey } from '../manifest';
import { architectureProblem } from './architecture';
import type { Task } from './kind';
import { kindNamed } from './kinds';
import { isRunning } from './parts/unit';
import type { ServiceRecord } from './service-record';
import type { HostState } from './state';
import type { Obstacle, Step } from './step';

/** Plans the steps for the objects of a service, and the obstacles. Pure. */
export function planObjects(
  state: HostState,
  desired: Manifest,
  record: ServiceRecord | undefined,
): { steps: Step[]; obstacles: Obstacle[] } {
  const plans = Object.entries(desired.objects).map(([key, object]) => planObject(key, object, state, desired, record));
  return { steps: plans.flatMap(({ steps }) => steps), obstacles: plans.flatMap(({ obstacles }) => obstacles) };
}

function planObject(
  key: string,
  object: ObjectPart,
  state: HostState,
  desired: Manifest,
  record: ServiceRecord | undefined,
): { steps: Step[]; obstacles: Obstacle[] } {
  const tasks =
    object.unit === undefined ? tasksOf(key, object, state, desired, record) : tasksOfUnit(key, object, state);
  const steps = tasks.flatMap((task): Step[] => {
    if (!('phase' in task)) return [];
    const { phase, ...why } = task;
    return [{ verb: phase, kind: 'objects', key, ...why }];
  });
  const stops = steps.some(({ verb }) => verb === 'place') ? stopReaders(key, state, desired) : [];
  const obstacles = tasks.flatMap((task) =>
    'phase' in task ? [] : [{ ...about(key), problem: task.obstacle, ...(task.advice && { advice: task.advice }) }],
  );
  const unread = state.unread?.get(key);
  if (unread?.problem !== undefined) {
    steps.push({ verb: 'load', kind: 'objects', key, reason: "can't be read" });
    const { problem, advice } = unread;
    const { noun, of } = kindOf(key);
    return { steps, obstacles: [{ at: ['objects', key], action: `write ${noun} ${of}`, problem, advice }] };
  }
  const unfit = architectureProblem(object, state.facts);
  const inTheWay = [
    ...(unfit ? [{ ...about(key), ...unfit }] : []),
    ...foreign(key, object, state, desired, record),
    ...unchangeable(key, object, state),
  ];
  return { steps: [...stops, ...steps], obstacles: [...inTheWay, ...obstacles] };
}

function tasksOf(
  key: string,
  object: ObjectPart,
  state: HostState,
  desired: Manifest,
  record: ServiceRecord | undefined,
): readonly Task[] {
  const { kind, of } = kindOf(key);
  const before = {
    recorded: record?.manifest.objects[key],
    isFirst: record === undefined,
    adopt: desired.adopt === true,
  };
  return kindNamed(kind).plan?.(of, state.objects.get(key), object, before) ?? [];
}

/** A unit removes its objects when it stops. A unit that is not running would reuse existing objects at its start. */
function tasksOfUnit(key: string, object: ObjectPart, { objects, units }: HostState): readonly Task[] {
  const reason = howItDiffers(key, object, objects);
  if (reason === undefined || kindNamed(kindOf(key).kind).holds !== undefined) return [];
  return isRunning(units.get(object.unit ?? '')) ? [] : [{ phase: 'make', reason }];
}

/** Whether an object that should exist is missing. A subnet is never missing, since a host does not store subnets. */
export function lacksObject(state: HostState, manifest: Manifest, key: string): boolean {
  const object = manifest.objects[key];
  // For an object that a unit creates, the plan shows the restart of that unit.
  if (!object || object.unit !== undefined || state.objects.has(key)) return false;
  return tasksOf(key, object, state, manifest, state.records.get(manifest.name)).length > 0;
}

function stopReaders(key: string, state: HostState, { units }: Manifest): Step[] {
  return Object.entries(units)
    .filter(([name, { restartOn }]) => restartOn.includes(key) && state.units.get(name)?.activeState === 'active')
    .map(([name]) => ({ verb: 'stop', kind: 'units', key: name, reason: `${key} is replaced` }));
}

/** Why a unit must create its objects again: one of them is missing. */
export function lostObject(unit: string, { objects }: Manifest, actual: HostState['objects']): string | undefined {
  const lost = Object.keys(objects).find((key) => objects[key]?.unit === unit && !actual.has(key));
  return lost && `${lost} is missing`;
}

/** An object of a unit that differs from the unit's file, and what to do when a restart does not help. */
export function differingObject(
  unit: string,
  { objects }: Pick<Manifest, 'objects'>,
  actual: HostState['objects'],
): { readonly reason: string; readonly advice: string | undefined } | undefined {
  for (const [key, object] of Object.entries(objects)) {
    const how = object.unit === unit ? howItDiffers(key, object, actual) : undefined;
    if (how === undefined) continue;
    const { kind, of } = kindOf(key);
    return { reason: `${key} ${how}`, advice: kindNamed(kind).remedy?.(of) };
  }
  return undefined;
}

function howItDiffers(key: string, object: ObjectPart, actual: HostState['objects']): string | undefined {
  const there = actual.get(key);
  return there === undefined ? undefined : kindNamed(kindOf(key).kind).differs?.(there, object);
}

/** The obstacle that an object differs and holds data, so it can't be created again. */
function unchangeable(key: string, object: ObjectPart, { objects }: HostState): Obstacle[] {
  const { kind, of, noun } = kindOf(key);
  const { holds, remedy } = kindNamed(kind);
  const how = holds === undefined || object.unit === undefined ? undefined : howItDiffers(key, object, objects);
  if (how === undefined) return [];
  const problem = `the existing ${noun} ${how}, and creating it anew would lose what ${holds}`;
  return [{ ...about(key), problem, ...(remedy && { advice: remedy(of) }) }];
}

function about(key: string): Pick<Obstacle, 'at' | 'action'> {
  const { noun, of } = kindOf(key);
  return { at: ['objects', key], action: `create ${noun} ${of}` };
}

/**
 * The obstacle that an object of that name exists and is not ours. A retained object is no obstacle: an earlier service
 * may have left it for this one, and nothing deletes it.
 */
function foreign(
  key: string,
  object: ObjectPart,
  { objects, records }: HostState,
  { adopt }: Manifest,
  record: ServiceRecord | undefined,
): Obstacle[] {
  const actual = objects.get(key);
  const { kind, noun, holder, shared } = kindOf(key);
  const owners = shared ? [...records.values()] : record ? [record] : [];
  const isOurs = owners.some(({ owns, manifest }) => owns.objects.includes(key) || key in manifest.objects);
  if (actual === undefined || adopt || object.retain || isOurs) return [];
  if (kindNamed(kind).isSame?.(actual, object)) return [];
  const article = /^[aeio]/.test(noun) ? 'an' : 'a';
  return [
    {
      ...about(key),
      problem: `${holder} has ${article} ${noun} of that name that Bulkhead did not create`,
      advice: 'set `adopt: true` on the service to take it over, or give it another name',
    },
  ];
}

/** Deletes objects that a service owns and no longer declares, except kept objects. */
export function planObsoleteObjects(
  { objects }: HostState,
  desired: Pick<Manifest, 'objects'>,
  { owns, manifest }: ServiceRecord,
  kept: readonly string[],
): Step[] {
  return owns.objects
    .filter(
      (key) => !(key in desired.objects) && !kept.includes(key) && objects.has(key) && !manifest.objects[key]?.retain,
    )
    .map((key) => {
      const reason = kindOf(key).shared
        ? 'is no longer declared, and stays if another service has it'
        : 'is no longer declared';
      return { verb: 'delete', kind: 'objects', key, reason };
    });
}

/**
 * Obstacles for objects with data that steps would delete although their service is not destroyed: the service gets
 * another name or host, the same or another construct creates it again, or it no longer declares the objects. Data is
 * lost only if the user said so.
 */
export function dataObstacles(steps: readonly Step[], before: Manifest, after: Manifest): Obstacle[] {
  return steps.flatMap(({ verb, kind, key }) => {
    if (verb !== 'delete' || kind !== 'objects') return [];
    const { holds, keptBy, name } = kindNamed(kindOf(key).kind);
    const successor = Object.keys(after.objects).find((other) => other.startsWith(objectKey(name, '')));
    const retain = (successor && after.objects[successor]?.retain) ?? before.objects[key]?.retain;
    if (!keptBy || retain === false) return [];
    return [
      {
        at: ['name'],
        action: `replace ${before.name}`,
        problem: `${key} would be removed with all that ${holds}`,
        advice: keptBy(before, after),
      },
    ];
  });
}
