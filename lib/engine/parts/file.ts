import { createHash } from 'node:crypto';
import type { FilePart } from '../../manifest';
import type { ActualFile, ServiceRecord } from '../state';
import type { Obstacle, Step } from '../step';

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

/** Whether what the file says is what it should say. */
export function sameContent(actual: ActualFile | undefined, desired: FilePart): boolean {
  if (actual?.type !== 'file') return false;
  if (desired.content !== undefined) return actual.content?.equals(Buffer.from(desired.content)) ?? false;
  return (actual.sha256 ?? sha256(actual.content ?? '')) === desired.asset;
}

/** Plans one file of a service. */
export function planFile(path: string, actual: ActualFile | undefined, desired: FilePart): Step[] {
  const reason = difference(actual, desired);
  return reason ? [{ verb: 'write', kind: 'files', key: path, reason }] : [];
}

function difference(actual: ActualFile | undefined, desired: FilePart): string | undefined {
  if (!actual) return 'is missing';
  if (actual.type !== 'file') return `is a ${actual.type}`;
  if (!sameContent(actual, desired)) return 'content differs';
  if (actual.mode !== desired.mode) return `mode is ${actual.mode}, expected ${desired.mode}`;
  if (actual.owner !== desired.owner || actual.group !== desired.group)
    return `owner is ${actual.owner}:${actual.group}, expected ${desired.owner}:${desired.group}`;
  return undefined;
}

/** What stands in the way: a file that is not ours, or a directory. */
export function fileObstacle(
  path: string,
  actual: ActualFile | undefined,
  record: ServiceRecord | undefined,
  adopt: boolean,
): Obstacle[] {
  if (!actual) return [];
  const about = { at: ['files', path], action: `write ${path}` };
  if (actual.type === 'directory')
    return [{ ...about, problem: 'a directory is in its place', advice: `move ${path} away` }];
  if (adopt || record?.owns.files.includes(path)) return [];
  return [
    {
      ...about,
      problem: 'a file that Bulkhead did not make is in its place',
      advice: `set \`adopt: true\` on the service to take it over, or move ${path} away`,
    },
  ];
}
