import type { KeyEntry, Section } from './catalog';
import { DirectiveError } from './error';
import { escapeWord } from './escape';
import { TextProblem, type TokenEscaper, writeRaw } from './text';
import { Raw } from './values';

/** Kinds whose value is a record of names and values. */
export const VARIABLE_KINDS: ReadonlySet<string> = new Set([
  'environment',
  'variables',
  'podman-variables',
  'journal-field',
]);

/** Where a value stands, and how it is written. */
export interface Place {
  readonly section: Section;
  readonly key: string;
  readonly entry: KeyEntry;
  readonly tokens?: TokenEscaper | undefined;
}

/** Writes one value: a word of a list, or all of a line. @throws DirectiveError */
export function writeValue(value: unknown, place: Place): string {
  return attempt(value, place, () => {
    if (value instanceof Raw) return writeRaw(value, place.tokens);
    return escapeWord(textOf(value, place), place.entry, place.tokens);
  });
}

/** The text of a value, before anything is escaped. @throws DirectiveError */
export function textOf(value: unknown, place: Place): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      if (place.section.rules === 'quadlet') return String(value);
      return value ? 'yes' : 'no';
    case 'number':
      if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER)
        throw problem(place, String(value), 'it is not exact, expected a number below 2^53, or text');
      return place.entry.kind === 'mode' ? value.toString(8).padStart(4, '0') : decimal(value);
    default:
      throw problem(place, value, `is ${value === null ? 'null' : typeof value}, expected text, a number or a boolean`);
  }
}

// No parser of these formats knows exponents.
function decimal(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}

/** Runs a writer of text and says where its problem is. @throws DirectiveError */
export function attempt<T>(value: unknown, place: Place, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw error instanceof TextProblem
      ? problem(place, value instanceof Raw ? value.text : value, error.message)
      : error;
  }
}

export function problem(place: Place, value: unknown, message: string): DirectiveError {
  return new DirectiveError(place.section.name, place.key, value, message, place.entry.page ?? place.section.page);
}
