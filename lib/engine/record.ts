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

/** Version of the form of records. Raise it when older records can no longer be read. */
const VERSION = 1;

export const recordPath = (name: string): string => `${RECORDS_DIR}/${name}`;

/**
 * The manifest as it is recorded. A digest replaces each content, since the content is on the host already. `adopt` is
 * left out: it says how a service was taken over, and not what the service is.
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
 * The text of a record: a line of JSON, and below it the names to look at for the service, in lines that the observing
 * script reads. Everything is in alphabetical order, because Terraform sorts its values. So the text is the same with and
 * without Terraform.
 */
export function recordText(record: ServiceRecord): string {
  const owns = ofEachPart((kind) => [...record.owns[kind]].sort());
  const { instance: _, stale: __, ...recorded } = record;
  const { manifest } = record;
  // An adopted user is looked at, too, although the service does not own it.
  const parts = { ...owns, objects: [...new Set([...owns.objects, ...Object.keys(manifest.objects)])].sort() };
  const lines = namesToObserve(manifest, parts)
    .map(([list, name]) => `${list} ${name}\n`)
    .sort();
  return `${JSON.stringify({ ...recorded, owns, version: VERSION }, inOrder)}\n${lines.join('')}`;
}

/** A name to look at, and the list of the observing script that it belongs to. */
export type Listed = readonly [list: string, name: string];

/** Names to look at for a service with these parts. Each user has separate lists: `units@shop`. */
export function namesToObserve(manifest: Manifest, parts: Owned): Listed[] {
  const { user, files, requires = {} } = manifest;
  const listOfFile = (path: string): string => {
    const file = files[path];
    const list = file?.asset === undefined ? 'files' : 'assets';
    // Root would follow links that the user has put into the path.
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

/** Reads the record of a service, or says what is wrong with it: it was cut off or edited, or has another version. */
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
  // Objects that an apply was about to load when it began are not in `objects`, although units read them.
  const units = mapValues(manifest.units, (unit) => ({ ...unit, restartOn: [] }));
  return (
    checkManifest({ ...manifest, units }).length === 0 &&
    isNumber(generation) &&
    previous.every(({ number, objects }) => isNumber(number) && objects.every((key) => parseObjectKey(key))) &&
    PART_KINDS.every((kind) => owns[kind].every((name) => typeof name === 'string')) &&
    [applied, reloaded].every((digests) => Object.values(digests).every((digest) => typeof digest === 'string'))
  );
}

/** Whether a value has the form of a record. Anybody may have written the value. */
export function isSoundRecord(value: unknown): boolean {
  try {
    const record = value as ServiceRecord;
    return isSound(record) && typeof readRecord(record.manifest.name, recordText(record)) !== 'string';
  } catch {
    return false;
  }
}
