import type { KeyEntry } from './catalog';
import { isPlain } from './text';

// Few keys have more values that come again.
const VALUES_PER_KEY = 64;

/**
 * Remembers what a value of a key came to. Services are much alike: nearly all their directives are defaults, flags and
 * words that others have too. Only for what depends on nothing but the two.
 */
export class Memo<Result> {
  private readonly results = new WeakMap<KeyEntry, Map<unknown, Result>>();

  get(entry: KeyEntry, value: unknown): Result | undefined {
    return this.results.get(entry)?.get(value);
  }

  /** Takes note, unless the value is one that may change or is not worth it: a long text, one with a token in it. */
  set(entry: KeyEntry, value: unknown, result: Result): void {
    if (typeof value === 'string' ? !isPlain(value) : typeof value === 'object' && !isConstant(value)) return;
    const ofKey = this.results.get(entry) ?? new Map<unknown, Result>();
    this.results.set(entry, ofKey);
    if (ofKey.size < VALUES_PER_KEY) ofKey.set(value, result);
  }
}

function isConstant(value: unknown): boolean {
  return (
    Array.isArray(value) && Object.isFrozen(value) && value.every((item) => typeof item === 'string' && isPlain(item))
  );
}
