/** All that is reached from some items by one step or more. */
export function closureOf<T>(items: readonly T[], next: (item: T) => readonly T[]): ReadonlySet<T> {
  const found = new Set<T>();
  const left = items.flatMap((item) => [...next(item)]);
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    if (found.has(item)) continue;
    found.add(item);
    left.push(...next(item));
  }
  return found;
}
