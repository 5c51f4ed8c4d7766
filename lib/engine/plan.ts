import { isDeepStrictEqual } from 'node:util';
import { belongsTo, type Manifest, type UnitPart, unitDigest } from '../manifest';
import { missing } from './facts';
import { fileObstacle, planFile, sameAtStart } from './parts/file';
import { imageObstacle, planImage } from './parts/image';
import { linksOf, planLinks } from './parts/link';
import { lostObject, objectObstacle } from './parts/object';
import { overridden, overridesOf, planOverride } from './parts/override';
import { rootObstacles } from './parts/root';
import { planUnit, unitObstacle } from './parts/unit';
import { planUser, userObstacle } from './parts/user';
import { recordPath, withoutContents } from './record';
import { type HostState, type Override, type ServiceRecord, stateFor } from './state';
import { type Action, type Obstacle, type ServicePlan, type Step, VERBS } from './step';

/** Plans one service: what to do so that the host matches. Pure: the same input gives the same plan. */
export function planService(host: HostState, desired: Manifest): ServicePlan {
  if (host.damaged.has(desired.name)) return blocked(desired, damaged(desired.name));
  const record = host.records.get(desired.name);
  if (record && !belongsTo(record.manifest, desired)) return blocked(desired, taken(desired, record));
  if (record && record.manifest.user !== desired.user) return blocked(desired, ofOtherUser(desired, record));
  const state = stateFor(host, desired.user, record);
  const overrides = overridesOf(desired, state.overrides, state.loadPath);
  const steps = [
    ...Object.keys(desired.users).flatMap((name) => planUser(name, state.users.get(name))),
    ...planImages(state, desired, record),
    ...Object.entries(desired.files).flatMap(([path, file]) => planFile(path, state.files.get(path), file)),
    ...overrides.map(planOverride),
    ...planObsolete(state, desired, record),
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
        ? [...obstacles(state, desired, record), ...(record ? rootObstacles(steps, record.manifest, desired) : [])]
        : [],
    desired,
  };
}

/** Nothing of the service is looked at, let alone touched. */
function blocked(desired: Manifest, obstacle: Obstacle): ServicePlan {
  return { name: desired.name, path: desired.path, action: 'create', steps: [], obstacles: [obstacle], desired };
}

/** The name belongs to another stack or project. */
function taken(desired: Manifest, { manifest: { stack, project, path } }: ServiceRecord): Obstacle {
  const sameStack = stack === desired.stack;
  const owner = sameStack ? `stack "${stack}" of project "${project}"` : `stack "${stack}"`;
  const problem = `a service of that name belongs to ${owner} (${path})`;
  const rename = 'give one of the two another `name`';
  const advice = sameStack
    ? `${rename}, or if it is this one, set the \`projectId\` of its cdktf.json to that`
    : rename;
  return { at: ['name'], action: `make ${desired.name}`, problem, advice };
}

/** What it holds as one user can't become another's. */
function ofOtherUser(desired: Manifest, { manifest }: ServiceRecord): Obstacle {
  const [from, to] = [manifest, desired].map(({ user }) => user ?? 'root');
  const problem = `it runs as ${from}, whose images and volumes ${to} can't use`;
  const advice = 'give it another `name`, or destroy it first';
  return { at: ['user'], action: `run ${desired.name} as ${to}`, problem, advice };
}

/** Without the record nobody knows what is the service's own. */
function damaged(name: string): Obstacle {
  return {
    at: ['name'],
    action: `read the record of ${name}`,
    problem: `${recordPath(name)} is damaged, expected what Bulkhead wrote`,
    advice: `restore the file from a backup, or remove it and apply the service with \`adopt: true\`, which takes over what is there`,
  };
}

/**
 * Plans the removal of a service: all that it owns, and nothing else.
 * @param successor what the same construct wants in its place, if it is replaced rather than destroyed
 */
export function planRemoval(host: HostState, name: string, successor?: Manifest): ServicePlan {
  const record = host.records.get(name);
  const user = record?.manifest.user;
  const nothing = { files: {}, units: {}, images: {}, objects: {}, users: {} };
  const steps = planObsolete(stateFor(host, user, record), nothing, record);
  const obstacles = [
    ...(host.damaged.has(name) ? [damaged(name)] : []),
    ...(record && successor ? rootObstacles(steps, record.manifest, successor) : []),
  ];
  if (record) steps.push({ verb: 'record', kind: 'files', key: name, reason: 'is forgotten' });
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
  return [...steps].sort((a, b) => VERBS.indexOf(a.verb) - VERBS.indexOf(b.verb));
}

function planImages(state: HostState, desired: Manifest, record: ServiceRecord | undefined): Step[] {
  return Object.entries(desired.images).flatMap(([key, image]) => {
    const steps = planImage(key, state.images.get(key), image, record, desired.adopt === true);
    if (steps.length === 0 || image.store !== 'machines') return steps;
    const readers = Object.entries(desired.units).filter(([, unit]) => unit.restartOn.includes(key));
    const running = readers.filter(([name]) => state.units.get(name)?.activeState === 'active');
    return [
      ...running.map(([name]) => ({ verb: 'stop', kind: 'units', key: name, reason: `${key} is replaced` }) as const),
      ...steps,
    ];
  });
}

/** What the service owns on the host and no longer wants. */
function planObsolete(
  state: HostState,
  desired: Pick<Manifest, 'files' | 'units' | 'images' | 'objects' | 'users'>,
  record: ServiceRecord | undefined,
): Step[] {
  if (!record) return [];
  const reason = 'is no longer wanted';
  const units = record.owns.units.filter((name) => !(name in desired.units));
  const files = record.owns.files.filter((path) => !(path in desired.files) && state.files.has(path));
  const images = record.owns.images.filter(
    (key) => !(key in desired.images) && state.images.has(key) && !record.manifest.images[key]?.retain,
  );
  const users = record.owns.users.filter((name) => !(name in desired.users) && state.users.has(name));
  const objects = record.owns.objects.filter((key) => !(key in desired.objects) && state.objects.has(key));
  return [
    ...units
      .filter((name) => !['inactive', undefined].includes(state.units.get(name)?.activeState))
      .map((key) => ({ verb: 'stop', kind: 'units', key, reason }) as const),
    ...units
      .filter((name) => /^enabled/.test(state.units.get(name)?.unitFileState ?? ''))
      .map((key) => ({ verb: 'disable', kind: 'units', key, reason }) as const),
    ...files.map((key) => ({ verb: 'remove', kind: 'files', key, reason }) as const),
    ...images.map((key) => ({ verb: 'remove', kind: 'images', key, reason }) as const),
    ...objects
      .filter((key) => !record.manifest.objects[key]?.retain)
      .map((key) => ({ verb: 'remove', kind: 'objects', key, reason }) as const),
    ...users.map((key) => ({ verb: 'remove', kind: 'users', key, reason }) as const),
  ];
}

function planUnits(
  state: HostState,
  desired: Manifest,
  record: ServiceRecord | undefined,
  steps: readonly Step[],
  overrides: readonly Override[],
): Step[] {
  const links = linksOf(desired);
  return Object.entries(desired.units).flatMap(([name, unit]) =>
    planUnit({
      name,
      actual: state.units.get(name),
      desired: unit,
      stale: overridden(name, unit, overrides) ?? stale(state, desired, record, name, unit, steps),
      links: planLinks(name, unit, links, state.links),
    }),
  );
}

/** Why a unit's process is not running with what is wanted. */
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
  const changed = unit.restartOn.find((key) => {
    const file = desired.files[key];
    if (file) return !sameAtStart(key, state.files.get(key), file);
    return steps.some((step) => step.verb === 'load' && step.key === key);
  });
  if (changed) return record ? `${changed} changes` : 'is new';
  // What is taken over goes on running where nothing differs.
  if (!record && desired.adopt && state.units.get(name)?.activeState === 'active') return undefined;
  const applied = record?.applied[name];
  if (applied === unitDigest(desired, name)) return undefined;
  const before = record?.manifest.units[name]?.triggers;
  const trigger = Object.entries(unit.triggers ?? {}).find(([key, value]) => before?.[key] !== value);
  if (applied && trigger) return `${trigger[0]} changes`;
  return applied === undefined ? 'is new' : 'does not run with what is written yet';
}

function recordReason(record: ServiceRecord | undefined, desired: Manifest): string | undefined {
  if (!record) return 'is not recorded';
  if (!isDeepStrictEqual(record.manifest, withoutContents(desired))) return 'was recorded otherwise';
  return record.begun && 'was not finished';
}

function action(steps: readonly Step[], desired: Manifest, record: ServiceRecord | undefined): Action {
  if (steps.length === 0) return 'none';
  if (!record?.complete) return 'create';
  return isDeepStrictEqual(record.manifest, withoutContents(desired)) ? 'repair' : 'update';
}

function obstacles(state: HostState, desired: Manifest, record: ServiceRecord | undefined): Obstacle[] {
  const adopt = desired.adopt === true;
  return [
    ...missing(desired, state.facts),
    ...Object.entries(desired.files).flatMap(([path]) => fileObstacle(path, state.files.get(path), record, adopt)),
    ...Object.entries(desired.images).flatMap(([key, image]) =>
      imageObstacle(key, state.images.get(key), image, record, adopt),
    ),
    ...Object.entries(desired.objects).flatMap(([key, object]) =>
      objectObstacle(key, object, state.objects, record, adopt),
    ),
    ...Object.entries(desired.users).flatMap(([name, user]) =>
      userObstacle(name, state.users.get(name), user, record, adopt),
    ),
    ...Object.keys(desired.units).flatMap((name) => unitObstacle(name, state.units.get(name), desired, record)),
  ];
}
