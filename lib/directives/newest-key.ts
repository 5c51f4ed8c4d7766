import type { KeyEntry, Section } from './catalog';
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

/** The newest of the keys, and of the values, of a file: the least version of what reads it. */
export class NewestKeys {
  systemd: NewestKey | undefined;
  podman: NewestKey | undefined;

  add(section: Section, key: string, entry: KeyEntry & { readonly page: string }, value: unknown): void {
    const reader = section.rules === 'quadlet' ? 'podman' : 'systemd';
    const version = versionOf(entry, value);
    if (version === undefined || compare(version, this[reader]?.version ?? '0') <= 0) return;
    this[reader] = { version, section: section.name, key, page: entry.page };
  }
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
