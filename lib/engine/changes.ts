import { type Assignment, assignments } from '../manifest';

/** How a key of a unit file changes. One that appears several times changes as often. */
export interface Change {
  /** `Container.Environment` */
  readonly key: string;
  /** None: it is new. */
  readonly before?: string;
  /** None: it goes. */
  readonly after?: string;
}

/** The difference of two unit files, key by key. Empty when they differ in comments, blanks or order alone. */
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

/** What both sides have stays out; of the rest, values of the same variable belong together, and then the others. */
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
