import { createHash } from 'node:crypto';
import { checkFields, type FieldsOf, type FieldTable, type Problem } from './fields';
import {
  FILE,
  type FilePart,
  IMAGE,
  type ImagePart,
  OBJECT,
  type ObjectPart,
  UNIT,
  type UnitPart,
  USER,
  type UserPart,
} from './parts';
import { readAtStart } from './unit-file';

/** Name of a user, as useradd(8) takes it. */
const USER_NAME = /^[a-z_][a-z0-9_-]{0,31}$/;

/** What a service is called and to whom it belongs. */
export const SERVICE = {
  name: {
    type: 'string',
    pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/,
    doc: 'Name of the service on its host, unique there.',
  },
  project: {
    type: 'string',
    optional: true,
    doc: 'Project that the stack is of: the projectId of its cdktf.json. Not set: any project with a stack of that name.',
  },
  stack: { type: 'string', doc: 'Stack that owns the service.' },
  path: { type: 'string', doc: 'Construct path, used in messages.' },
  runtime: { type: 'string', values: ['systemd', 'podman', 'nspawn', 'file', 'user'], doc: 'What runs the service.' },
  user: {
    type: 'string',
    optional: true,
    pattern: USER_NAME,
    doc: "User whose systemd runs its units and whose podman has its images and objects. Not set: the system's.",
  },
  requires: {
    type: 'map',
    optional: true,
    doc: 'Programs that the host must have: for each the least version, if any, and what needs it: `254 for RestartSteps=`.',
  },
  adopt: { type: 'bool', optional: true, doc: 'Take over files and units of the same name that are there already.' },
} as const satisfies FieldTable;

/** The parts of a manifest: each is a map, keyed by the name the part has on the host. */
export const PARTS = { files: FILE, images: IMAGE, objects: OBJECT, units: UNIT, users: USER } as const;
export type PartKind = keyof typeof PARTS;

/**
 * All that one service needs on its host: plain data between synthesis and the engine. From here on nobody knows
 * what a port, podman or nspawn is.
 */
export interface Manifest extends FieldsOf<typeof SERVICE> {
  readonly files: Readonly<Record<string, FilePart>>;
  readonly images: Readonly<Record<string, ImagePart>>;
  readonly objects: Readonly<Record<string, ObjectPart>>;
  readonly units: Readonly<Record<string, UnitPart>>;
  readonly users: Readonly<Record<string, UserPart>>;
}

/** To whom a service belongs. */
export type Owner = Pick<Manifest, 'stack' | 'project'>;

/** Whether a service that is there belongs to an owner. One that names no project belongs to any with that stack. */
export function belongsTo(there: Owner, { stack, project }: Owner): boolean {
  return there.stack === stack && (there.project === undefined || there.project === project);
}

const KEY: Record<PartKind, { pattern: RegExp; expected: string }> = {
  files: {
    pattern: /^\/(?!.*(?:\/\/|\/\.\.?(?:\/|$)))[^\0\n\p{Surrogate}]*[^/\0\n\p{Surrogate}]$/su,
    expected: 'an absolute path without ".", ".." and line breaks',
  },
  images: { pattern: /^[^\0\n]+$/, expected: 'a name' },
  objects: {
    pattern:
      /^(?:network|volume):[A-Za-z0-9][A-Za-z0-9_.-]*$|^image:[^\s@]+:[A-Za-z0-9_][A-Za-z0-9_.-]*$|^link:[^\s/]{1,15}$/,
    expected: '"network:", "volume:" or "link:" and a name, or "image:" and a reference with its tag',
  },
  units: { pattern: /^[A-Za-z0-9:_.\\@-]+\.[a-z]+$/, expected: 'a unit name with its suffix' },
  users: { pattern: USER_NAME, expected: 'the name of a user' },
};

/** Checks a whole manifest. Returns every problem found; none means that the engine takes it. */
export function checkManifest(manifest: Manifest): Problem[] {
  const { files: _f, images: _i, objects: _o, units: _u, users: _s, ...service } = manifest;
  const problems = checkFields(SERVICE, service, []);
  for (const kind of Object.keys(PARTS) as PartKind[]) {
    for (const [key, part] of Object.entries(manifest[kind] ?? {})) {
      if (!KEY[kind].pattern.test(key)) problems.push({ at: [kind, key], message: `expected ${KEY[kind].expected}` });
      problems.push(...checkFields(PARTS[kind], part as Readonly<Record<string, unknown>>, [kind, key]));
    }
  }
  for (const [path, file] of Object.entries(manifest.files ?? {})) {
    if ((file.content == null) === (file.asset == null))
      problems.push({ at: ['files', path], message: 'expected either content or asset' });
  }
  for (const [key, { unit }] of Object.entries(manifest.objects ?? {})) {
    if (!(unit in manifest.units))
      problems.push({ at: ['objects', key, 'unit'], message: `is "${unit}", which is no unit of it` });
  }
  for (const [name, unit] of Object.entries(manifest.units ?? {})) {
    for (const key of unit.restartOn ?? []) {
      if (!(key in manifest.files) && !(key in manifest.images))
        problems.push({ at: ['units', name, 'restartOn'], message: `names "${key}", which is no file or image of it` });
    }
  }
  return problems;
}

/**
 * Digest of all that a unit reads when it starts. The host remembers the one it was last started with, so that a
 * change that has not reached the running process shows, also when an apply was cut off in the middle.
 */
export function unitDigest(manifest: Pick<Manifest, 'files' | 'images' | 'units'>, name: string): string {
  const unit = manifest.units[name];
  const read = [...(unit?.restartOn ?? [])].sort().map((key) => {
    const file = manifest.files[key];
    const image = manifest.images[key];
    const text = file?.content === undefined ? undefined : readAtStart(key, file.content);
    return [key, text ?? file?.asset ?? image?.asset ?? ''];
  });
  const triggers = Object.entries(unit?.triggers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([read, triggers]))
    .digest('hex');
}
