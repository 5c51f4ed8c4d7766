import { createHash } from 'node:crypto';
import {
  checkManifest,
  type FilePart,
  kindOf,
  type Manifest,
  mapValues,
  PART_KINDS,
  parseObjectKey,
} from '../manifest';
import { RECORDS_DIR } from './paths';
import { inScope } from './scope';
import { type Owned, ofEachPart, type ServiceRecord } from './service-record';

/** Of the form of a record. Raise it when older ones can no longer be read. */
const VERSION = 1;

export const recordPath = (name: string): string => `${RECORDS_DIR}/${name}`;

/**
 * The manifest as it is recorded: with a digest in the place of each content, which is on the host already, and without
 * `adopt`, which says how a service comes to be ours and nothing of what it is.
 */
export function withoutContents({ adopt: _, ...manifest }: Manifest): Manifest {
  const files = mapValues(manifest.files, (file: FilePart): FilePart => {
    const { content } = file;
    if (content === undefined) return file;
    return { ...file, content: `sha256:${createHash('sha256').update(content).digest('hex')}` };
  });
  return { ...manifest, files };
}

/**
 * The text of a record: a line of JSON, and below it what to look at for the service, in lines that the observing
 * script reads. All of it is in alphabetical order, so that it does not depend on who applied the manifest: Terraform
 * sorts what it is given.
 */
export function recordText(record: ServiceRecord): string {
  const owns = ofEachPart((kind) => [...record.owns[kind]].sort());
  const { instance: _, ...recorded } = record;
  const { manifest } = record;
  // A user that was adopted is looked at, too, although it is not owned.
  const parts = { ...owns, objects: [...new Set([...owns.objects, ...Object.keys(manifest.objects)])].sort() };
  const lines = namesToObserve(manifest, parts)
    .map(([list, name]) => `${list} ${name}\n`)
    .sort();
  return `${JSON.stringify({ ...recorded, owns, version: VERSION }, inOrder)}\n${lines.join('')}`;
}

/** A name to look at, and the list of the observing script that it belongs to. */
export type Listed = readonly [list: string, name: string];

/** What to look at for a service that has parts of these names. What a user has is in lists of its own: `units@shop`. */
export function namesToObserve(manifest: Manifest, parts: Owned): Listed[] {
  const { user, files, requires = {} } = manifest;
  const listOfFile = (path: string): string => {
    const file = files[path];
    const list = file?.asset === undefined ? 'files' : 'assets';
    // As root one would follow whatever links the user has made on the way.
    return inScope(list, file?.owner === user ? user : undefined);
  };
  return [
    ...parts.files.map((path): Listed => [listOfFile(path), path]),
    ...parts.units.map((unit): Listed => [inScope('units', user), unit]),
    ...parts.objects.map((key): Listed => {
      const { kind, of, scope } = kindOf(key);
      return [inScope(kind, scope === 'user' ? user : undefined), of];
    }),
    ...(user === undefined ? [] : [['users', user] as const]),
    ...Object.keys(requires).map((program): Listed => ['requires', program]),
  ];
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reads the record of a service, or says what is wrong with it: it was cut off or edited, or is another version's. */
export function readRecord(service: string, text: string): ServiceRecord | string {
  const damaged = 'is damaged, expected the content that Bulkhead wrote';
  const [line = ''] = text.split('\n', 1);
  try {
    const { version, ...record }: ServiceRecord & { version?: unknown } = JSON.parse(line);
    if (version !== VERSION) return `has version ${JSON.stringify(version)}, expected ${VERSION}`;
    const isIntact = record.manifest.name === service && isSound(record) && recordText(record) === text;
    return isIntact ? record : damaged;
  } catch {
    return damaged;
  }
}

const isNumber = (value: unknown) => Number.isInteger(value) && Number(value) > 0;

function isSound({ manifest, owns, applied, reloaded = {}, generation = 1, previous = [] }: ServiceRecord): boolean {
  // What an apply was about to load when it began is not in the objects, although units read it.
  const units = mapValues(manifest.units, (unit) => ({ ...unit, restartOn: [] }));
  return (
    checkManifest({ ...manifest, units }).length === 0 &&
    isNumber(generation) &&
    previous.every(({ number, objects }) => isNumber(number) && objects.every((key) => parseObjectKey(key))) &&
    PART_KINDS.every((kind) => owns[kind].every((name) => typeof name === 'string')) &&
    [applied, reloaded].every((digests) => Object.values(digests).every((digest) => typeof digest === 'string'))
  );
}

/** Whether a value is a record, whoever wrote it. */
export function isSoundRecord(value: unknown): boolean {
  try {
    const record = value as ServiceRecord;
    return isSound(record) && typeof readRecord(record.manifest.name, recordText(record)) !== 'string';
  } catch {
    return false;
  }
}
