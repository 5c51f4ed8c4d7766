import { assignments } from './assign';
import { Memo } from './memo';
import { problemsOfValue } from './value-problems';
import type { Place } from './word';

/** What becomes of one value of a key, whatever the host. */
export interface Compiled {
  /** The right sides of the assignments that it makes. */
  readonly lines: readonly string[];
  /** What is wrong with it although it can be written. */
  readonly problems: readonly string[];
}

const known = new Memo<Compiled>();

/** Writes a value and checks it. @throws DirectiveError for one that can't be written */
export function compile(value: unknown, place: Place): Compiled {
  const before = known.get(place.entry, value);
  if (before) return before;
  const compiled = { lines: assignments(value, place), problems: problemsOfValue(value, place) };
  known.set(place.entry, value, compiled);
  return compiled;
}
