import { isDeepStrictEqual } from 'node:util';
import { belongsTo, kindOf, type Manifest, reloadDigest, type UnitPart, unitDigest } from '../manifest';
import { takenPorts } from './foreseen/listeners';
import { takenNames } from './foreseen/names';
import { missingNeeds } from './foreseen/needs';
import { keptObjects } from './generations/numbering';
import { missing } from './observe/facts';
import { nameTaken, otherOwner } from './other-owner';
import { fileObstacle, planFile, sameAtStart, sameContent } from './parts/file';
import { hiddenObstacle } from './parts/hidden';
import { linksOf, planLinks } from './parts/link';
import { planShadowed } from './parts/networkd';
import { overridden, overridesOf, planOverride } from './parts/override';
import { planUnit, replacement, unitObstacle } from './parts/unit';
import { PHASES } from './phases';
import { dataObstacles, differingObject, lostObject, planObjects, planObsoleteObjects } from './plan-objects';
import { recordPath, withoutContents } from './record';
import { remadeBy, remadeFor } from './remade';
import type { ServiceRecord } from './service-record';
import type { HostState, Override } from './state';
import { stateFor } from './state-for';
import type { Action, Move, Obstacle, ServicePlan, Step } from './step';

/**
 * Plans the steps after which a host matches some of its services. What a service uses of another one is planned with it:
 * it restarts if the other one's plan makes that again. Pure.
 */
export function planServices(state: HostState, manifests: readonly Manifest[]): ServicePlan[] {
  const plans = manifests.map((manifest) => planService(state, manifest));
  const remade = remadeBy(plans, state);
  if (remade.size === 0) return plans;
  return manifests.map((manifest, index) => {
    const uses = remadeFor(manifest, remade);
    const plan = plans[index];
    return plan && uses.size === 0 ? plan : planService({ ...state, remade: uses }, manifest);
  });
}

/** Plans the steps after which the host matches one service. Pure: the same input gives the same plan. */
export function planService(host: HostState, desired: Manifest): ServicePlan {
  const unreadable = host.damaged.get(desired.name);
  if (unreadable !== undefined) return blocked(desired, damaged(desired.name, unreadable));
  const record = host.records.get(desired.name);
  if (record && !belongsTo(record.manifest, desired)) return blocked(desired, nameTaken(desired, record));
  if (record && record.manifest.user !== desired.user) return blocked(desired, ofOtherUser(desired, record));
  const problem = userProblem(host, desired.user);
  if (desired.user !== undefined && problem) return blocked(desired, unknownUser(desired.name, desired.user, problem));
  const state = stateFor(host, desired.user, record);
  const overrides = overridesOf(desired, state.overrides, state.loadPath);
  const objects = planObjects(state, desired, record);
  const shadowed = planShadowed(state, desired);
  const steps = [
    ...objects.steps,
    ...planFiles(state, desired, shadowed.steps),
    ...overrides.map(planOverride),
    ...planObsolete(state, desired, record, keptObjects(desired, record)),
  ];
  steps.push(...planUnits(state, desired, record, steps, overrides));
  const unrecorded = steps.length === 0 && recordReason(record, desired);
  if (unrecorded) steps.push({ verb: 'record', kind: 'files', key: desired.name, reason: unrecorded });
  return {
    name: desired.name,
    path: desired.path,
    user: desired.user,
    action: action(steps, desired, record),
    steps: inOrder(steps),
    obstacles:
      steps.length > 0
        ? [
            ...missing(desired, state.facts),
            ...missingNeeds(desired, state, steps),
            ...fileObstacles(state, desired, record),
            ...shadowed.obstacles,
            ...objects.obstacles,
            ...Object.keys(desired.units).flatMap(
              (name) =>
                otherOwner(state, desired, 'units', name) ?? unitObstacle(name, state.units.get(name), desired, record),
            ),
            ...takenPorts(desired, state, steps),
            ...takenNames(desired, state, steps),
            ...(record ? dataObstacles(steps, record.manifest, desired) : []),
          ]
        : [],
    desired,
    move: moveOf(record, desired, steps),
  };
}

function moveOf(record: ServiceRecord | undefined, desired: Manifest, steps: readonly Step[]): Move | undefined {
  if (!record || !changesRuntime(record, desired)) return undefined;
  const keeps = Object.keys(desired.units).filter(
    (name) => name in record.manifest.units && !steps.some(({ key }) => key === name),
  );
  return { from: record.manifest.runtime, to: desired.runtime, keeps };
}

const changesRuntime = ({ manifest }: ServiceRecord, { runtime }: Manifest) => manifest.runtime !== runtime;

/** The plan of a service that is neither looked at nor touched. */
function blocked(desired: Manifest, obstacle: Obstacle): ServicePlan {
  return { name: desired.name, path: desired.path, action: 'create', steps: [], obstacles: [obstacle], desired };
}

/** The obstacle that a service changes its user. Another user can't use its images and volumes. */
function ofOtherUser(desired: Manifest, { manifest }: ServiceRecord): Obstacle {
  const [from, to] = [manifest, desired].map(({ user }) => user ?? 'root');
  const problem = `it runs as ${from}, whose images and volumes ${to} can't use`;
  const advice = 'give it another `name`, or destroy it first';
  return { at: ['user'], action: `run ${desired.name} as ${to}`, problem, advice };
}

function userProblem({ users }: HostState, user: string | undefined): string | undefined {
  return user === undefined ? undefined : users.get(user)?.problem;
}

/** A user can keep Bulkhead from looking at that user's services, but not from looking at other services. */
function unknownUser(name: string, user: string, problem: string): Obstacle {
  const advice = `ps -u ${user} shows what it runs, and pkill -KILL -u ${user} ends all of it; then apply again`;
  return { at: ['name'], action: `look at ${name}`, problem, advice };
}

/** The obstacle that a record is damaged. Only the record says which parts belong to the service. */
export function damaged(name: string, problem: string): Obstacle {
  return {
    at: ['name'],
    action: `read the record of ${name}`,
    problem: `${recordPath(name)} ${problem}`,
    advice: `restore the file from a backup, or remove it and apply the service with \`adopt: true\`, which takes over what exists`,
  };
}

/**
 * Plans the removal of a service: of everything that the service owns, and nothing else.
 * @param successor the manifest of the same construct that replaces the service; undefined to destroy it
 */
export function planRemoval(host: HostState, name: string, successor?: Manifest): ServicePlan {
  const record = host.records.get(name);
  const user = record?.manifest.user;
  const unreadable = host.damaged.get(name);
  const nothing = { files: {}, units: {}, objects: {} };
  const problem = userProblem(host, user);
  const steps = problem ? [] : planObsolete(stateFor(host, user, record), nothing, record, []);
  const obstacles = [
    ...(user !== undefined && problem ? [unknownUser(name, user, problem)] : []),
    ...(unreadable === undefined ? [] : [damaged(name, unreadable)]),
    ...(record && successor ? dataObstacles(steps, record.manifest, successor) : []),
  ];
  if (record && !problem) steps.push({ verb: 'record', kind: 'files', key: name, reason: 'is forgotten' });
  return {
    name,
    path: record?.manifest.path ?? name,
    user,
    action: record ? 'destroy' : 'none',
    steps: inOrder(steps),
    obstacles,
    desired: undefined,
  };
}

function inOrder(steps: readonly Step[]): Step[] {
  return [...steps].sort((a, b) => PHASES.indexOf(a.verb) - PHASES.indexOf(b.verb));
}

/** Removes what the service owns on the host and no longer declares. */
function planObsolete(
  state: HostState,
  desired: Pick<Manifest, 'files' | 'units' | 'objects'>,
  record: ServiceRecord | undefined,
  kept: readonly string[],
): Step[] {
  if (!record) return [];
  const reason = 'is no longer declared';
  const units = record.owns.units.filter((name) => !(name in desired.units));
  const files = record.owns.files.filter((path) => !(path in desired.files) && state.files.has(path));
  return [
    ...units
      .filter((name) => !['inactive', undefined].includes(state.units.get(name)?.activeState))
      .map((key) => ({ verb: 'stop', kind: 'units', key, reason }) as const),
    ...units
      .filter((name) => /^enabled/.test(state.units.get(name)?.unitFileState ?? ''))
      .map((key) => ({ verb: 'disable', kind: 'units', key, reason }) as const),
    ...files.map((key) => ({ verb: 'remove', kind: 'files', key, reason }) as const),
    ...planObsoleteObjects(state, desired, record, kept),
  ];
}

/** Files that differ, and files that match but have no effect. */
function planFiles(state: HostState, desired: Manifest, shadowed: readonly Step[]): Step[] {
  return Object.entries(desired.files).flatMap(([path, file]) => {
    const steps = planFile(path, state.files.get(path), file);
    return steps.length > 0 ? steps : shadowed.filter(({ key }) => key === path);
  });
}

function planUnits(
  state: HostState,
  desired: Manifest,
  record: ServiceRecord | undefined,
  steps: readonly Step[],
  overrides: readonly Override[],
): Step[] {
  const links = linksOf(desired);
  const stopped = new Set(steps.filter(({ verb }) => verb === 'stop').map(({ key }) => key));
  return Object.entries(desired.units).flatMap(([name, unit]) =>
    planUnit({
      name,
      actual: state.units.get(name),
      desired: unit,
      stale:
        unit.state === 'done'
          ? toRun(desired, record, name, steps)
          : (overridden(name, unit, overrides) ?? stale(state, desired, record, name, unit, steps)),
      outdated: outdated(state, desired, record, name, unit),
      replaced: stopped.has(name) ? undefined : replacement(name, desired, record),
      links: planLinks(name, unit, links, state.links),
    }),
  );
}

/** Why a job must run: it has not run yet, or its input has changed. The output of an earlier run does not matter. */
function toRun(
  desired: Manifest,
  record: ServiceRecord | undefined,
  name: string,
  steps: readonly Step[],
): string | undefined {
  const applied = record?.applied[name];
  if (applied === unitDigest(desired, name)) {
    const key = desired.units[name]?.restartOn.find((key) => steps.some((step) => step.key === key && step.isNewInput));
    return key && `${key} changes`;
  }
  if (applied === undefined) return 'is new';
  return applied === '' ? 'did not finish' : 'what it runs changes';
}

/** Why a unit must restart: its process does not run with the wanted content. */
function stale(
  state: HostState,
  desired: Manifest,
  record: ServiceRecord | undefined,
  name: string,
  unit: UnitPart,
  steps: readonly Step[],
): string | undefined {
  const lost = lostObject(name, desired, state.objects);
  if (lost && record) return lost;
  const differs = differingObject(name, desired, state.objects);
  if (differs) return differs.reason;
  const changed = unit.restartOn.find((key) => {
    const file = desired.files[key];
    if (file) return !sameAtStart(key, state.files.get(key), file);
    return steps.some((step) => step.key === key && replaces(step));
  });
  if (changed && record && changesRuntime(record, desired))
    return `moves from ${record.manifest.runtime} to ${desired.runtime}`;
  if (changed) return record ? `${changed} changes` : 'is new';
  // A unit that is taken over keeps running if nothing differs.
  if (!record && desired.adopt && state.units.get(name)?.activeState === 'active') return undefined;
  const applied = record?.applied[name];
  if (applied === unitDigest(desired, name))
    return whyRemade(unit.triggers, state) ?? whyMissing(unit.triggers, desired, state);
  const before = record?.manifest.units[name]?.triggers;
  const trigger = Object.entries(unit.triggers ?? {}).find(([key, value]) => before?.[key] !== value);
  if (applied && trigger) return `${trigger[0]} changes`;
  return applied === undefined ? 'is new' : 'still runs with old content';
}

function whyRemade(used: Readonly<Record<string, string>> = {}, { remade }: HostState): string | undefined {
  const key = Object.keys(used).find((key) => remade?.has(key));
  return key && remade?.get(key);
}

/** The same for what the service itself makes. */
function whyMissing(
  used: Readonly<Record<string, string>> = {},
  { objects }: Manifest,
  state: HostState,
): string | undefined {
  const key = Object.keys(objects).find((key) => kindOf(key).of in used && !state.objects.has(key));
  return key && `${key} is missing`;
}

/** Whether a step replaces an object, so that everything that uses the object must stop. */
function replaces({ verb, impact }: Step): boolean {
  return verb === 'load' || verb === 'place' || impact === 're-create';
}

/** Why a running unit must be reloaded: the content that it read last differs from the wanted content. */
function outdated(
  state: HostState,
  desired: Manifest,
  record: ServiceRecord | undefined,
  name: string,
  { reloadOn = [], reloads = {} }: UnitPart,
): string | undefined {
  const changed = reloadOn.find((path) => {
    const file = desired.files[path];
    return file && !sameContent(state.files.get(path), file);
  });
  if (changed) return `${changed} changes`;
  const before = record?.manifest.units[name]?.reloads ?? {};
  const other = Object.keys(reloads).find((key) => before[key] !== reloads[key]);
  if (other) return `${other} changes`;
  const hasReadAll = record?.reloaded?.[name] === reloadDigest(desired, name);
  return hasReadAll ? whyRemade(reloads, state) : 'has not read its new content yet';
}

function recordReason(record: ServiceRecord | undefined, desired: Manifest): string | undefined {
  if (!record) return 'is not recorded';
  if (!isDeepStrictEqual(record.manifest, withoutContents(desired))) return 'is recorded differently';
  return (record.begun || record.stale) && 'was not finished';
}

function action(steps: readonly Step[], desired: Manifest, record: ServiceRecord | undefined): Action {
  if (steps.length === 0) return 'none';
  if (!record?.complete) return 'create';
  return isDeepStrictEqual(record.manifest, withoutContents(desired)) ? 'repair' : 'update';
}

function fileObstacles(state: HostState, desired: Manifest, record: ServiceRecord | undefined): Obstacle[] {
  const adopt = desired.adopt === true;
  return Object.keys(desired.files).flatMap(
    (path) =>
      otherOwner(state, desired, 'files', path) ?? [
        ...fileObstacle(path, state.files.get(path), record, adopt),
        ...hiddenObstacle(path, state, desired, record),
      ],
  );
}
