import { isDeepStrictEqual } from 'node:util';
import { belongsTo, type Manifest } from '../../manifest';
import { withoutContents } from '../record';
import type { HostState } from '../state';
import type { Obstacle } from '../step';
import { brings, usedBy } from '../used';
import { isForOthers } from './plan-back';
import type { KeptVersion } from './read';

type Records = HostState['records'];

/**
 * Names of services of the same stack without which others do not run their previous versions: what these ran with, such
 * as files or a shared image, and what runs with a newer content of theirs. A change that was cut off may have brought a
 * newer content, whatever the record says. Pure.
 * @param wanted What the stack wants. A change that was cut off was on its way there.
 */
export function goingAlong(versions: readonly KeptVersion[], records: Records, wanted: readonly Manifest[]): string[] {
  const going = new Set(versions.map(({ service }) => service));
  return [...records].flatMap(([name, { manifest, begun }]) => {
    if (going.has(name)) return [];
    const isNeeded = versions.some(({ service, manifest: before }) => {
      const record = records.get(service);
      if (!record || !belongsTo(manifest, record.manifest)) return false;
      const next = record.begun ? wanted.find((each) => each.name === service) : undefined;
      const now = next ?? record.manifest;
      const uses = begun ? [...usedBy(before).keys()] : usedOtherwise(before, now);
      const isUsed = isForOthers(manifest) && uses.some((used) => brings(manifest, used));
      return isUsed || (begun ? isReadBy(now, manifest) : readFrom(before, now, manifest).length > 0);
    });
    return isNeeded ? [name] : [];
  });
}

/** Why a service can't go back: another one would go on with the newer content, and no plan would say so. Pure. */
export function leftBehind(
  { service, manifest: before }: KeptVersion,
  versions: readonly KeptVersion[],
  records: Records,
): Obstacle[] {
  const now = records.get(service)?.manifest;
  if (!now) return [];
  const reader = [...records].find(([name, { manifest, begun }]) => {
    const version = versions.find((each) => each.service === name);
    if (version && begun) return false;
    // A version that starts with none of it, such as a timer, runs its program anew each time.
    const [then, digests] = [usedBy(version?.manifest ?? manifest), usedBy(manifest)];
    return readFrom(before, now, manifest).some((used) => then.get(used) === digests.get(used));
  });
  if (!reader) return [];
  const problem = `${reader[0]} uses it, and has no version that ran with the previous one`;
  const advice = 'apply that version of your program instead';
  return [{ at: ['name'], action: `roll back ${service}`, problem, advice }];
}

/** What a service used before with another content than now. */
function usedOtherwise(before: Manifest, now: Manifest): string[] {
  const digests = usedBy(now);
  return [...usedBy(before)].flatMap(([used, digest]) =>
    digests.has(used) && digests.get(used) !== digest ? [used] : [],
  );
}

/** What a service uses of another one, and what differs between two versions of the other one. */
function readFrom(before: Manifest, now: Manifest, reader: Manifest): string[] {
  if (!isForOthers(now)) return [];
  const old = withoutContents(before);
  const changed = { files: differing(old.files, now.files), objects: differing(old.objects, now.objects) };
  return [...usedBy(reader).keys()].filter((used) => brings(changed, used));
}

function isReadBy(service: Manifest, reader: Manifest): boolean {
  return isForOthers(service) && [...usedBy(reader).keys()].some((used) => brings(service, used));
}

function differing<T>(before: Readonly<Record<string, T>>, now: Readonly<Record<string, T>>): Record<string, T> {
  const all = Object.entries({ ...before, ...now });
  return Object.fromEntries(all.filter(([key]) => !isDeepStrictEqual(before[key], now[key])));
}
