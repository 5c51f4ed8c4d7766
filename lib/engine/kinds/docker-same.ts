import { isDeepStrictEqual } from 'node:util';

/**
 * Whether docker has accepted a value unchanged. Docker shows an empty value, `false` or zero in several ways, or not
 * at all.
 */
export function isSame(wanted: unknown, actual: unknown): boolean {
  return isDeepStrictEqual(withoutZeros(wanted), withoutZeros(actual));
}

function withoutZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutZeros);
  if (typeof value !== 'object' || value === null) return value || undefined;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutZeros(item)] as const);
  const kept = entries.filter(([, item]) => item !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
