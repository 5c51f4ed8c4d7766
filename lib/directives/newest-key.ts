import { type Format, type KeyEntry, sectionsOf } from './catalog';
import { Raw, Reset } from './values';
import { compare } from './version';

/** A key, and the version that it came with. */
export interface NewestKey {
  readonly version: string;
  readonly section: string;
  readonly key: string;
  /** Manual page that describes it. */
  readonly page: string;
}

/** Whose version decides whether a key is understood. */
export type Reader = 'systemd' | 'podman';

/** The newest of the keys, and of the values, that a file has: the least version of what reads it. */
export function newestKeys(format: Format, file: object): Partial<Record<Reader, NewestKey>> {
  const newest: Partial<Record<Reader, NewestKey>> = {};
  for (const section of sectionsOf(format).values()) {
    const content = (file as Readonly<Record<string, object | undefined>>)[section.name];
    const reader = section.rules === 'quadlet' ? 'podman' : 'systemd';
    for (const [key, value] of [content ?? {}].flat().flatMap((keys) => Object.entries(keys))) {
      const entry = section.keys.get(key);
      const version = entry && value !== undefined ? versionOf(entry, value) : undefined;
      if (!entry || version === undefined || compare(version, newest[reader]?.version ?? '0') <= 0) continue;
      newest[reader] = { version, section: section.name, key, page: entry.page };
    }
  }
  return newest;
}

function versionOf({ since, enumSince, listSince }: KeyEntry, value: unknown): string | undefined {
  const ofKey = since === undefined ? undefined : String(since);
  if (!enumSince && !listSince) return ofKey;
  const given = words(value);
  const ofList = given.length > 1 ? listSince : undefined;
  const versions = [ofKey, ofList, ...given.map((word) => enumSince?.[word]?.toString())];
  return versions
    .flatMap((version) => version ?? [])
    .sort(compare)
    .at(-1);
}

function words(value: unknown): string[] {
  if (value instanceof Raw) return [];
  if (value instanceof Reset) return words(value.values);
  return Array.isArray(value) ? value.flatMap(words) : [String(value)];
}
