import { createHash } from 'node:crypto';
import type { FilePart, Manifest } from '../manifest';
import { STATE_DIR } from './observe-script';
import type { ServiceRecord } from './state';

export const recordDir = (name: string): string => `${STATE_DIR}/services/${name}`;
export const recordPath = (name: string): string => `${recordDir(name)}/record.json`;

/** The manifest with a digest in the place of each content: the content is on the host already. */
export function withoutContents(manifest: Manifest): Manifest {
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
 * reads without having to understand JSON.
 */
export function recordFiles(record: ServiceRecord): Record<string, string> {
  const dir = recordDir(record.manifest.name);
  const list = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
  const { files, units, images, objects } = record.owns;
  const isAsset = (path: string) => record.manifest.files[path]?.asset !== undefined;
  return {
    [recordPath(record.manifest.name)]: `${JSON.stringify(record)}\n`,
    [`${dir}/files`]: list(files.filter((path) => !isAsset(path))),
    [`${dir}/assets`]: list(files.filter(isAsset)),
    [`${dir}/units`]: list(units),
    [`${dir}/images`]: list(images),
    [`${dir}/objects`]: list(objects),
  };
}

/** Reads a record. @throws Error when it is not one: it was damaged or written by a newer version. */
export function parseRecord(text: string): ServiceRecord {
  const record = JSON.parse(text) as Partial<ServiceRecord>;
  if (!record.manifest?.name || !record.owns || !record.applied) throw new Error('not a service record');
  return record as ServiceRecord;
}
