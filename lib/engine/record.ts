import { createHash } from 'node:crypto';
import type { FilePart, Manifest } from '../manifest';
import { RECORDS_DIR } from './observe-script';
import { inScope } from './scope';
import type { ServiceRecord } from './state';

export const recordPath = (name: string): string => `${RECORDS_DIR}/${name}`;

/**
 * The manifest as it is recorded: with a digest in the place of each content, which is on the host already, and without
 * `adopt`, which says how a service comes to be ours and nothing of what it is.
 */
export function withoutContents({ adopt: _, ...manifest }: Manifest): Manifest {
  const files: Record<string, FilePart> = {};
  for (const [path, file] of Object.entries(manifest.files)) {
    const { content } = file;
    files[path] =
      content === undefined
        ? file
        : { ...file, content: `sha256:${createHash('sha256').update(content).digest('hex')}` };
  }
  return { ...manifest, files };
}

/**
 * The text of a record: a line of JSON, and below it what the service owns in lines that the observing shell script
 * reads. All of it is in alphabetical order, so that it does not depend on who applied the manifest: Terraform sorts
 * what it is given.
 */
export function recordText(record: ServiceRecord): string {
  const sorted = (kind: keyof ServiceRecord['owns']) => [...record.owns[kind]].sort();
  const owns = {
    files: sorted('files'),
    units: sorted('units'),
    images: sorted('images'),
    objects: sorted('objects'),
    users: sorted('users'),
  };
  const { user, users } = record.manifest;
  const isAsset = (path: string) => record.manifest.files[path]?.asset !== undefined;
  const lists = {
    files: owns.files.filter((path) => !isAsset(path)),
    [inScope('units', user)]: owns.units,
    [inScope('images', user)]: owns.images,
    [inScope('objects', user)]: owns.objects,
    users: [...new Set([...owns.users, ...Object.keys(users), ...(user === undefined ? [] : [user])])].sort(),
    assets: owns.files.filter(isAsset),
  };
  const lines = Object.entries(lists).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}\n`));
  return `${JSON.stringify({ ...record, owns }, inOrder)}\n${lines.join('')}`;
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reads a record. Undefined when it is none: it was cut off or edited. */
export function parseRecord(text: string): ServiceRecord | undefined {
  const [line = ''] = text.split('\n', 1);
  let record: Partial<ServiceRecord>;
  try {
    record = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!record?.manifest?.name || !record.owns || !record.applied) return undefined;
  // What it owns stands a second time in the lines below, for the shell.
  const owned = Object.values(record.owns).flat();
  return owned.every((name) => text.includes(` ${name}\n`)) ? (record as ServiceRecord) : undefined;
}
