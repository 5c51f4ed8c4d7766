import { isDeepStrictEqual } from 'node:util';
import type { Path } from './diagnostics';
import { type Attributes, isNested } from './schema';
import { isUnknown, UNKNOWN } from './unknown';
import { isObject, own, type Values } from './values';

/**
 * Terraform proposes the configuration, completed with the prior computed values. If the configuration changes
 * anything, computed attributes that the user did not set may change too. So they become unknown.
 */
export function markComputed(attributes: Attributes, proposed: Values, config: Values, prior?: Values): Values {
  return isDeepStrictEqual(proposed, prior) ? proposed : markObject(attributes, proposed, config);
}

function markObject(attributes: Attributes, proposed: Values, config: Values): Values {
  const marked: Record<string, unknown> = { ...proposed };
  for (const [name, attribute] of Object.entries(attributes)) {
    const set = own(config, name);
    if (set === undefined) {
      if (attribute.computed) marked[name] = UNKNOWN;
    } else if (isNested(attribute)) {
      const mark = (value: unknown, from: unknown) =>
        isObject(value) && isObject(from) ? markObject(attribute.attributes, value, from) : value;
      marked[name] = attribute.nesting === 'single' ? mark(marked[name], set) : markElements(marked[name], set, mark);
    }
  }
  return marked;
}

function markElements(value: unknown, config: unknown, mark: (value: unknown, config: unknown) => unknown): unknown {
  if (Array.isArray(value))
    return value.map((element, i) => mark(element, Array.isArray(config) ? config[i] : undefined));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, element]) => [
      key,
      mark(element, isObject(config) ? own(config, key) : undefined),
    ]),
  );
}

/** The given paths under which something changes. Each path is cut off before the first value that one side lacks. */
export function changedPaths(prior: object, planned: object, paths: readonly Path[]): Path[] {
  return paths.flatMap((path) => {
    let before: unknown = prior;
    let after: unknown = planned;
    let length = 0;
    for (const step of path) {
      const [next, then] = [elementOf(before, step), elementOf(after, step)];
      // Terraform refuses a path without a value, except for an attribute at the top level.
      if (length > 0 && (next === undefined || then === undefined)) break;
      [before, after] = [next, then];
      length++;
    }
    return isDeepStrictEqual(before, after) ? [] : [path.slice(0, length)];
  });
}

function elementOf(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  return isObject(value) ? own(value, step) : undefined;
}

/** The values without unknown ones, as input of an operation. */
export function knownPart(value: Values): Values {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => !isUnknown(inner))
      .map(([key, inner]) => [key, knownOf(inner)]),
  );
}

// At this point only computed attributes are unknown, never elements of a list.
function knownOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(knownOf);
  return isObject(value) ? knownPart(value) : value;
}
