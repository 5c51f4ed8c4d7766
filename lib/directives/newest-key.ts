import type { KeyEntry, Section } from './catalog';
import { scalars } from './value-problems';
import { compare, dependsOnValue, sinceOfValue, type Target } from './version';

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

/** Whether a target is as new as the newest keys and values of a file. */
export function knows(target: Target, { systemd, podman }: NewestKeys): boolean {
  if (systemd && target.systemd !== undefined && target.systemd < Number(systemd.version)) return false;
  return !podman || !target.podman || compare(target.podman, podman.version) >= 0;
}

function versionOf(entry: KeyEntry, value: unknown): string | undefined {
  const { since, listSince } = entry;
  const ofKey = since === undefined ? undefined : String(since);
  if (!dependsOnValue(entry)) return ofKey;
  const given = scalars(value);
  const ofValues = given.map((item) => sinceOfValue(item, entry)).map((since) => since?.podman ?? since?.systemd);
  return [given.length > 1 ? listSince : undefined, ...ofValues].reduce<string | undefined>(
    (newest, version) =>
      version === undefined || (newest !== undefined && compare(newest, String(version)) >= 0)
        ? newest
        : String(version),
    ofKey,
  );
}
