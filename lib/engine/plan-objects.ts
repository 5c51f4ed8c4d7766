import { kindOf, type Manifest, type ObjectPart, objectKey } from '../manifest';
import { architectureProblem } from './architecture';
import type { Task } from './kind';
import { kindNamed } from './kinds';
import { isRunning } from './parts/unit';
import type { ServiceRecord } from './service-record';
import type { HostState } from './state';
import type { Obstacle, Step } from './step';

/** What is to be done about the objects of a service, and what stands in the way. Pure. */
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

/** A unit that stops removes what it has made. One that does not run would take what is there when it starts. */
function tasksOfUnit(key: string, object: ObjectPart, { objects, units }: HostState): readonly Task[] {
  const reason = howItDiffers(key, object, objects);
  if (reason === undefined || kindNamed(kindOf(key).kind).holds !== undefined) return [];
  return isRunning(units.get(object.unit ?? '')) ? [] : [{ phase: 'make', reason }];
}

/** Whether a host lacks an object that should be there. It cannot lack a subnet, which is nothing that a host has. */
export function lacksObject(state: HostState, manifest: Manifest, key: string): boolean {
  const object = manifest.objects[key];
  // Of what a unit makes, the restart of that unit tells.
  if (!object || object.unit !== undefined || state.objects.has(key)) return false;
  return tasksOf(key, object, state, manifest, state.records.get(manifest.name)).length > 0;
}

function stopReaders(key: string, state: HostState, { units }: Manifest): Step[] {
  return Object.entries(units)
    .filter(([name, { restartOn }]) => restartOn.includes(key) && state.units.get(name)?.activeState === 'active')
    .map(([name]) => ({ verb: 'stop', kind: 'units', key: name, reason: `${key} is replaced` }));
}

/** Why a unit has to make its objects anew: one of them is gone. */
export function lostObject(unit: string, { objects }: Manifest, actual: HostState['objects']): string | undefined {
  const lost = Object.keys(objects).find((key) => objects[key]?.unit === unit && !actual.has(key));
  return lost && `${lost} is missing`;
}

/** An object that a unit makes and that is not what its file says, and what to do when a restart does not help. */
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

/** The data in an object keeps it from being made anew. */
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
 * An object of that name that is not ours. One that is retained is none, since an earlier service may have left it for
 * this one, and nothing deletes it.
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

/** Deletes objects that a service owns and no longer wants, but for those that are kept. */
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
 * Objects that hold data and that steps delete although their service is not being destroyed: it gets another name or
 * host, is created anew by the same or another construct, or no longer wants them. The data is lost only when that was
 * said.
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
