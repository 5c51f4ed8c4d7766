import { sectionsOf } from '../../../lib/directives/catalog';

/** What `systemd --dump-configuration-items` prints: `Section.Key` and the name of a type. */
export function parseItems(printed: string): Map<string, string> {
  const items = new Map<string, string>();
  let section = '';
  for (const line of printed.split('\n')) {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    const [, key, type] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key && type !== undefined) items.set(`${section}.${key}`, type);
  }
  return items;
}

/** The `Section.Key` of every key that the catalog says a version of systemd has; of all versions for infinity. */
export function known(version: number): string[] {
  return [...sectionsOf('unit').values()].flatMap((section) =>
    [...section.keys]
      .filter(
        ([, entry]) =>
          Number(entry.since ?? 0) <= version &&
          !(entry.ignoredSince && version < Infinity && entry.ignoredSince <= version),
      )
      .map(([key]) => `${section.name}.${key}`),
  );
}
