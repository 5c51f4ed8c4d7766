import { createHash } from 'node:crypto';
import { checkFields, type FieldsOf, type FieldTable, type Problem } from './fields';
import { checkObject } from './kinds';
import {
  FILE,
  type FilePart,
  OBJECT,
  type ObjectPart,
  REQUIREMENT,
  type Requirement,
  UNIT,
  type UnitPart,
} from './parts';
import { ABSOLUTE_PATH, SERVICE_NAME, USER_NAME } from './patterns';
import { readAtStart } from './unit-file';

/** What a service is called and to whom it belongs. */
export const SERVICE = {
  name: {
    type: 'string',
    pattern: SERVICE_NAME,
    doc: 'Name of the service, unique on its host.',
  },
  project: {
    type: 'string',
    optional: true,
    doc: 'Project of the stack: the projectId of its cdktf.json. Not set: any project with a stack of that name.',
  },
  stack: { type: 'string', doc: 'Stack that owns the service.' },
  path: { type: 'string', doc: 'Construct path, used in messages.' },
  runtime: {
    type: 'string',
    pattern: /^[a-z][a-z0-9-]*$/,
    doc: 'Runtime of the service, such as podman. Only people read it.',
  },
  user: {
    type: 'string',
    optional: true,
    pattern: USER_NAME,
    doc: "User whose own systemd runs the units, and who owns the objects. Not set: the system's systemd.",
  },
  claims: {
    type: 'strings',
    optional: true,
    doc: 'What no other service of the host may have, beside the name and the parts: `tcp 0.0.0.0:8080`, `interface br0`.',
  },
  needs: {
    type: 'map',
    optional: true,
    doc: 'What its host must have before it starts, and the prop that names it: `program /usr/bin/node` = `command`. A need is a path, program, user or group.',
  },
  after: {
    type: 'strings',
    optional: true,
    pattern: SERVICE_NAME,
    doc: 'Names of services of the host that are applied first. If one of them fails, this service is not touched.',
  },
  adopt: { type: 'bool', optional: true, doc: 'Take over files and units of the same name that already exist.' },
  generations: {
    type: 'string',
    optional: true,
    pattern: /^(?:1?\d|20)$/,
    doc: 'How many previous versions of the service the host keeps, with their files and images. Not set: 1.',
  },
  rollback: {
    type: 'bool',
    optional: true,
    doc: 'Whether a failed change is undone, so that the previous version runs again. Not set: true.',
  },
} as const satisfies FieldTable;

/** The parts of a manifest: each is a map, keyed by the name that the part has on the host. */
export const PARTS = { files: FILE, units: UNIT, objects: OBJECT } as const;
export type PartKind = keyof typeof PARTS;
export const PART_KINDS = Object.keys(PARTS) as readonly PartKind[];

/**
 * All that one service needs on its host: plain data between synthesis and the engine. From here on nobody knows
 * what a port, podman or nspawn is.
 */
export interface Manifest extends FieldsOf<typeof SERVICE> {
  readonly files: Readonly<Record<string, FilePart>>;
  readonly units: Readonly<Record<string, UnitPart>>;
  readonly objects: Readonly<Record<string, ObjectPart>>;
  /** Programs that the host must have. */
  readonly requires?: Readonly<Record<string, Requirement>>;
}

/** To whom a service belongs. */
export type Owner = Pick<Manifest, 'stack' | 'project'>;

/** Whether a service that is there belongs to an owner. One that names no project belongs to any with that stack. */
export function belongsTo(there: Owner, { stack, project }: Owner): boolean {
  return there.stack === stack && (there.project === undefined || there.project === project);
}

/** A path, program, user or group by name. */
const NEED = /^(?:path \/|program |user |group )[^\0\n]+$/;

const UNIT_NAME = /^[A-Za-z0-9:_.\\@-]+\.[a-z]+$/;

/** Checks a whole manifest. Returns every problem found; none means that the engine takes it. */
export function checkManifest(manifest: Manifest): Problem[] {
  const { files = {}, units = {}, objects = {}, requires = {}, ...service } = manifest;
  return [
    ...checkFields(SERVICE, service, []),
    ...Object.keys(service.needs ?? {})
      .filter((need) => !NEED.test(need))
      .map((need) => ({ at: ['needs', need], message: 'expected "path /...", or a program, user or group by name' })),
    ...Object.entries(files).flatMap(([path, file]) => checkFile(path, file)),
    ...Object.entries(units).flatMap(([name, unit]) => checkUnit(name, unit, { files, objects })),
    ...Object.entries(objects).flatMap(([key, object]) => [
      ...checkFields(OBJECT, object, ['objects', key]),
      ...checkObject(key, object, ['objects', key]),
      ...(object.unit === undefined || object.unit in units
        ? []
        : [{ at: ['objects', key, 'unit'], message: `is "${object.unit}", which is not a unit of the service` }]),
    ]),
    ...Object.entries(requires).flatMap(([program, need]) => checkFields(REQUIREMENT, need, ['requires', program])),
  ];
}

function checkFile(path: string, file: FilePart): Problem[] {
  const at = ['files', path];
  return [
    ...(ABSOLUTE_PATH.pattern.test(path) ? [] : [{ at, message: `expected ${ABSOLUTE_PATH.expected}` }]),
    ...checkFields(FILE, file, at),
    ...((file.content == null) === (file.asset == null) ? [{ at, message: 'expected either content or asset' }] : []),
  ];
}

function checkUnit(name: string, unit: UnitPart, { files, objects }: Pick<Manifest, 'files' | 'objects'>): Problem[] {
  const at = ['units', name];
  const strangers = (unit.restartOn ?? []).filter((key) => !(key in files) && !(key in objects));
  const missing = (unit.reloadOn ?? []).filter((path) => !(path in files));
  return [
    ...(UNIT_NAME.test(name) ? [] : [{ at, message: 'expected a unit name with its suffix' }]),
    ...checkFields(UNIT, unit, at),
    ...strangers.map((key) => ({
      at: [...at, 'restartOn'],
      message: `names "${key}", which is not a file or object of the service`,
    })),
    ...missing.map((path) => ({
      at: [...at, 'reloadOn'],
      message: `names "${path}", which is not a file of the service`,
    })),
  ];
}

/**
 * Digest of all that a unit reads when it starts. The host remembers the one it was last started with, so that a
 * change that has not reached the running process shows, also when an apply was cut off in the middle.
 */
export function unitDigest(manifest: Pick<Manifest, 'files' | 'objects' | 'units'>, name: string): string {
  const unit = manifest.units[name];
  return digestOf([contentsOf(manifest, unit?.restartOn), sorted(unit?.triggers ?? {})]);
}

const sorted = (map: Readonly<Record<string, string>>) => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));

/** Digest of all that a unit reads when it is reloaded, remembered for the same reason. Undefined when it reads nothing. */
export function reloadDigest(
  manifest: Pick<Manifest, 'files' | 'objects' | 'units'>,
  name: string,
): string | undefined {
  const { reloadOn = [], reloads } = manifest.units[name] ?? {};
  const contents = contentsOf(manifest, reloadOn);
  if (reloads) return digestOf([contents, sorted(reloads)]);
  return reloadOn.length > 0 ? digestOf(contents) : undefined;
}

function contentsOf({ files, objects }: Pick<Manifest, 'files' | 'objects'>, keys: readonly string[] = []): string[][] {
  return [...keys].sort().map((key) => {
    const file = files[key];
    const text = file?.content === undefined ? undefined : readAtStart(key, file.content);
    return [key, text ?? file?.asset ?? objects[key]?.asset ?? ''];
  });
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
