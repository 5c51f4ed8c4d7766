import type { KeyEntry } from './catalog';

/** A form that a kind's values have. */
export interface Form {
  readonly test: (text: string, entry: KeyEntry) => boolean;
  /** What to write instead, as the end of a message. */
  readonly expected: string | ((entry: KeyEntry) => string);
}

/** The forms of kinds, by the names of the kinds. */
export type Forms = Readonly<Record<string, Form>>;

export const matches =
  (pattern: RegExp) =>
  (text: string): boolean =>
    pattern.test(text);

export const oneOf = (...lists: (readonly string[])[]) => {
  const known = new Set(lists.flat());
  return (text: string): boolean => known.has(text);
};

/** What a kind is, and between which bounds. */
export function range(what: string, unit = ''): (entry: KeyEntry) => string {
  const start = what.includes(' such as ') ? `${what},` : what;
  return ({ min, max }) => {
    if (min !== undefined && max !== undefined) return `${start} from ${min} to ${max}${unit}`;
    if (max !== undefined) return `${start} up to ${max}${unit}`;
    return min !== undefined ? `${start} from ${min}${unit}` : what;
  };
}
