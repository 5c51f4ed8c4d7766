import { createHash } from 'node:crypto';
import type { FilePart, Manifest } from '../manifest';
import { STATE_DIR } from './observe-script';
import type { ServiceRecord } from './state';

export const recordDir = (name: string): string => `${STATE_DIR}/services/${name}`;
export const recordPath = (name: string): string => `${recordDir(name)}/record.json`;

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
 * The files that make up a record: the record itself, and beside it the plain lists that the observing shell script
 * reads without having to understand JSON. All of it is in alphabetical order, so that it does not depend on who
 * applied the manifest: Terraform sorts what it is given.
 */
export function recordFiles(record: ServiceRecord): Record<string, string> {
  const dir = recordDir(record.manifest.name);
  const list = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  const sorted = (kind: keyof ServiceRecord['owns']) => [...record.owns[kind]].sort();
  const owns = {
    files: sorted('files'),
    units: sorted('units'),
    images: sorted('images'),
    objects: sorted('objects'),
  };
  const isAsset = (path: string) => record.manifest.files[path]?.asset !== undefined;
  return {
    [recordPath(record.manifest.name)]: `${JSON.stringify({ ...record, owns }, inOrder)}\n`,
    [`${dir}/files`]: list(owns.files.filter((path) => !isAsset(path))),
    [`${dir}/assets`]: list(owns.files.filter(isAsset)),
    [`${dir}/units`]: list(owns.units),
    [`${dir}/images`]: list(owns.images),
    [`${dir}/objects`]: list(owns.objects),
  };
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reads a record. @throws Error when it is not one: it was damaged or written by a newer version. */
export function parseRecord(text: string): ServiceRecord {
  const record = JSON.parse(text) as Partial<ServiceRecord>;
  if (!record.manifest?.name || !record.owns || !record.applied) throw new Error('not a service record');
  return record as ServiceRecord;
}
