import type { KeyEntry } from './catalog';
import { problemOfValue } from './check-value';
import { hasToken } from './text';
import { Raw, Reset } from './values';
import { type Place, VARIABLE_KINDS } from './word';

/** What is wrong with a value that can be written, whatever the host. What {@link raw} marks is taken as it is. */
export function problemsOfValue(value: unknown, place: Place): string[] {
  return [...namesOf(place.entry, value), ...problemsOfScalars(value, place)];
}

function problemsOfScalars(value: unknown, { section, entry, tokens }: Place): string[] {
  if (CHECKED_AS_WHOLE.has(entry.kind)) return [];
  // Quadlet knows the units that it makes by the names of their files too.
  const byFile = section.parser === 'quadlet' && entry.kind === 'unit-name';
  const checked = byFile ? { ...entry, kind: 'quadlet-unit-name' } : entry;
  return scalars(value)
    .filter((item) => typeof item !== 'string' || !hasToken(item, tokens))
    .flatMap((item) => problemOfValue(item, checked) ?? []);
}

// Their words are arguments and variables, which may be anything that can be written.
const CHECKED_AS_WHOLE: ReadonlySet<string> = new Set(['command', ...VARIABLE_KINDS]);

/** The single values of a list, or the value itself. */
export function scalars(value: unknown): (string | number | boolean)[] {
  if (value instanceof Raw) return [];
  if (value instanceof Reset) return scalars(value.values);
  if (Array.isArray(value)) return value.flatMap(scalars);
  return typeof value === 'object' ? [] : [value as string | number | boolean];
}

const NAMES: Readonly<Record<string, { pattern: RegExp; expected: string }>> = {
  environment: { pattern: /^[A-Za-z_][A-Za-z0-9_]*$/, expected: 'letters, digits and "_"' },
  'journal-field': { pattern: /^[A-Z][A-Z0-9_]{0,63}$/, expected: 'capital letters, digits and "_"' },
};

function namesOf(entry: KeyEntry, value: unknown): string[] {
  const rule = NAMES[entry.kind];
  if (!rule || value instanceof Raw) return [];
  if (value instanceof Reset) return namesOf(entry, value.values);
  if (Array.isArray(value)) return value.flatMap((item) => namesOf(entry, item));
  return Object.keys(value as object)
    .filter((name) => !rule.pattern.test(name))
    .map((name) => `the name "${name}" would be dropped, expected ${rule.expected}`);
}
