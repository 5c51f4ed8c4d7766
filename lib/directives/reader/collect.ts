import type { Section, SharedList } from '../catalog';
import type { Assignment } from './read-lines';

/** An assignment, and the file that it stands in. */
export interface PlacedAssignment extends Assignment {
  readonly file: string | undefined;
  /** What the line holds and the parser takes. */
  readonly values: unknown[];
}

/** The assignments of one key that count. The empty one in front, if there is any, empties what was before. */
export type Collected = Map<string, PlacedAssignment[]>;

/**
 * The assignments that count, key by key: of a key with one value the last, of a list those behind the last that empties
 * it. Where the order among keys means something, each turn from one to another and back begins a further part.
 */
export function collect(section: Section, assignments: readonly PlacedAssignment[]): Collected[] {
  const parts: Collected[] = [new Map()];
  for (const assignment of effective(section, assignments)) {
    const ordered = section.lists.find(({ ordered, keys }) => ordered && keys.includes(assignment.key));
    const part = ordered ? partFor(assignment.key, ordered, parts) : (parts[0] as Collected);
    part.set(assignment.key, [...(part.get(assignment.key) ?? []), assignment]);
  }
  return parts;
}

function effective(section: Section, assignments: readonly PlacedAssignment[]): PlacedAssignment[] {
  let kept: PlacedAssignment[] = [];
  for (const assignment of assignments) {
    const { key, text } = assignment;
    const entry = section.keys.get(key);
    const list = section.lists.find(({ keys }) => keys.includes(key))?.keys ?? [key];
    if (!entry?.repeat) kept = kept.filter((other) => other.key !== key);
    else if (text === '' && entry.reset) kept = kept.filter((other) => !list.includes(other.key));
    else if (text === '') continue;
    kept.push(assignment);
  }
  return kept;
}

// The last part takes the key if none of the list's other keys came since.
function partFor(key: string, list: SharedList, parts: Collected[]): Collected {
  const last = parts.at(-1) as Collected;
  const before = [...last.keys()].filter((other) => list.keys.includes(other));
  if (!before.includes(key) || before.at(-1) === key) return last;
  const next: Collected = new Map();
  parts.push(next);
  return next;
}
