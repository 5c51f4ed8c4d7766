import { createHash } from 'node:crypto';
import { type FilePart, isUnitFile, readAtStart } from '../../manifest';
import { changesOf } from '../changes';
import type { ServiceRecord } from '../service-record';
import type { ActualFile } from '../state';
import type { Obstacle, Step } from '../step';

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

/** Whether a file has the wanted content. */
export function sameContent(actual: ActualFile | undefined, desired: FilePart): boolean {
  if (actual?.type !== 'file') return false;
  // For a former asset, only the digest is known.
  if (actual.content && desired.content !== undefined) return actual.content.equals(Buffer.from(desired.content));
  const digest = desired.content === undefined ? desired.asset : sha256(desired.content);
  return (actual.sha256 ?? sha256(actual.content ?? '')) === digest;
}

/** Whether a process that starts reads the same from the file. */
export function sameAtStart(path: string, actual: ActualFile | undefined, desired: FilePart): boolean {
  if (sameContent(actual, desired)) return true;
  const before = actual?.content?.toString();
  if (actual?.type !== 'file' || before === undefined || desired.content === undefined) return false;
  return isUnitFile(path) && readAtStart(path, before) === readAtStart(path, desired.content);
}

/** Plans one file of a service. */
export function planFile(path: string, actual: ActualFile | undefined, desired: FilePart): Step[] {
  const step = { verb: 'write', kind: 'files', key: path } as const;
  if (!actual) return [{ ...step, reason: 'is missing' }];
  if (actual.type !== 'file') return [{ ...step, reason: `is a ${actual.type}` }];
  if (!sameContent(actual, desired)) return [{ ...step, ...contentDiffers(path, actual, desired) }];
  const reason = attributesDiffer(actual, desired);
  return reason ? [{ ...step, reason }] : [];
}

function contentDiffers(path: string, actual: ActualFile, desired: FilePart): Pick<Step, 'reason' | 'changes'> {
  if (!isUnitFile(path) || actual.content === undefined || desired.content === undefined)
    return { reason: 'content differs' };
  const changes = changesOf(actual.content.toString(), desired.content);
  const keys = [...new Set(changes.map(({ key }) => key))].join(', ');
  return { reason: keys ? `differs in ${keys}` : 'content differs', changes };
}

function attributesDiffer(actual: ActualFile, desired: FilePart): string | undefined {
  if (actual.mode !== desired.mode) return `mode is ${actual.mode}, expected ${desired.mode}`;
  if (actual.owner !== desired.owner || actual.group !== desired.group)
    return `owner is ${actual.owner}:${actual.group}, expected ${desired.owner}:${desired.group}`;
  return undefined;
}

/** The obstacle: a file that Bulkhead does not own, or a directory. */
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
      problem: 'a file that Bulkhead did not create is in its place',
      advice: `set \`adopt: true\` on the service to take it over, or move ${path} away`,
    },
  ];
}
