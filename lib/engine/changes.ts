import { type Assignment, assignments } from '../manifest';

/** A change of a key in a unit file. A key that occurs several times has several changes. */
export interface Change {
  /** `Container.Environment` */
  readonly key: string;
  /** Undefined for a new value. */
  readonly before?: string;
  /** Undefined for a removed value. */
  readonly after?: string;
}

/** The difference of two unit files, key by key. Empty when only comments, blanks or the order differ. */
export function changesOf(before: string, after: string): Change[] {
  const [gone, added] = [assignments(before), assignments(after)].map(valuesByKey);
  const keys = new Set([...(gone?.keys() ?? []), ...(added?.keys() ?? [])]);
  return [...keys].flatMap((key) => pairs(key, gone?.get(key) ?? [], added?.get(key) ?? []));
}

function valuesByKey(list: readonly Assignment[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { section, key, value } of list) {
    const name = `${section}.${key}`;
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

/**
 * Values that both sides have are left out. Of the rest, values of the same variable are paired first, and then the
 * others.
 */
function pairs(key: string, before: readonly string[], after: readonly string[]): Change[] {
  const gone = without(before, after);
  const added = without(after, before);
  const changes: Change[] = [];
  for (const same of [(a: string, b: string) => variable(a) === variable(b), () => true]) {
    for (const value of [...added]) {
      const index = gone.findIndex((old) => same(old, value));
      if (index < 0) continue;
      changes.push({ key, before: gone[index] ?? '', after: value });
      gone.splice(index, 1);
      added.splice(added.indexOf(value), 1);
    }
  }
  return [
    ...changes,
    ...gone.map((value) => ({ key, before: value })),
    ...added.map((value) => ({ key, after: value })),
  ];
}

function without(values: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return values.filter((value) => {
    const index = left.indexOf(value);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

const variable = (value: string) => /^"?([^="]*)=/.exec(value)?.[1] ?? value;
