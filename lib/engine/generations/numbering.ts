import { isDeepStrictEqual } from 'node:util';
import { kindOf, type Manifest } from '../../manifest';
import { withoutContents } from '../record';
import type { Generation, ServiceRecord } from '../service-record';

/** How many versions of a service are kept beside the one that runs. */
const KEPT = 1;

type Recorded = Pick<ServiceRecord, 'manifest' | 'complete' | 'generation' | 'previous' | 'stale'>;

/** Which version of the service a record is of, counted from 1. */
export const numberOf = ({ generation = 1 }: Pick<ServiceRecord, 'generation'>): number => generation;

/**
 * Whether a manifest makes a service another one: its files, units or objects differ. What it is called and what it
 * depends on makes no new version.
 */
export function isAnotherVersion(desired: Manifest, { manifest }: Pick<ServiceRecord, 'manifest'>): boolean {
  const makeup = ({ files, units, objects, runtime }: Manifest) => ({ files, units, objects, runtime });
  return !isDeepStrictEqual(makeup(withoutContents(desired)), makeup(manifest));
}

/** The versions that are kept once a manifest is applied, the newest first. Pure. */
export function previousAfter(desired: Manifest, record: Recorded | undefined): readonly Generation[] {
  if (!record?.complete) return [];
  const number = numberOf(record);
  const older = (record.previous ?? []).filter((each) => each.number !== number);
  const own = { number, objects: contentOf(record.manifest) };
  const all = isAnotherVersion(desired, record) ? [own, ...older] : older;
  return all.slice(0, Number(desired.generations ?? KEPT));
}

/** What a record says of versions, once a manifest is applied. */
export function versionsAfter(
  desired: Manifest,
  record: Recorded | undefined,
): Pick<ServiceRecord, 'generation' | 'previous'> {
  const previous = previousAfter(desired, record);
  const number = record?.complete ? numberOf(record) + (isAnotherVersion(desired, record) ? 1 : 0) : 1;
  return { ...(number > 1 && { generation: number }), ...(previous.length > 0 && { previous }) };
}

/** Objects that a service no longer wants and keeps all the same, so that it can go back to the versions that have them. */
export function keptObjects(desired: Manifest, record: ServiceRecord | undefined): string[] {
  const kept = new Set(previousAfter(desired, record).flatMap(({ objects }) => objects));
  return (record?.owns.objects ?? []).filter((key) => kept.has(key) && !(key in desired.objects));
}

/** Numbers of versions that are there although a record keeps them no longer. */
export function staleBeside(record: ServiceRecord, numbers: readonly number[]): number[] {
  // Before anything is touched, the version that is there is kept.
  const kept = [...(record.previous ?? []), ...(record.begun ? [{ number: numberOf(record) }] : [])];
  return numbers.filter((number) => !kept.some((each) => each.number === number));
}

/** Numbers of versions that are there, by the record or although it keeps them no longer, and that go with an apply. */
export function droppedAfter(desired: Manifest, record: Recorded | undefined): number[] {
  if (!record?.complete) return [...(record?.stale ?? [])];
  const left = new Set(previousAfter(desired, record).map(({ number }) => number));
  const known = new Set([
    numberOf(record),
    ...(record.previous ?? []).map(({ number }) => number),
    ...(record.stale ?? []),
  ]);
  return [...known].filter((number) => !left.has(number));
}

/** The version that a service goes back to: the one before a change that has not ended, or before the one that runs. */
export function versionBefore(record: ServiceRecord): number | undefined {
  const number = numberOf(record);
  // The same is kept only while a change to or from it has not ended.
  if (record.begun || record.stale?.includes(number)) return record.complete ? number : undefined;
  return record.previous?.[0]?.number;
}

function contentOf({ objects }: Manifest): string[] {
  return Object.keys(objects)
    .filter((key) => kindOf(key).content)
    .sort();
}
