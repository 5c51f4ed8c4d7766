import { fail } from '../problem';

/** Every prop of a construct. `list` means that the value must be an array. */
export type KnownProps<T> = { readonly [K in keyof Required<T>]: true | 'list' };

/**
 * The props of each class that runs a program of an image, by class name. A service can move from one of these classes
 * to another.
 */
const classes = new Map<string, Readonly<Record<string, unknown>>>();

/** Registers the props of a class, so that messages about other classes can name the classes that have a prop. */
export function propsOfClass<T>(name: string, props: KnownProps<T>): KnownProps<T> {
  classes.set(name, props);
  return props;
}

const isClass = (props: object) => [...classes.values()].includes(props as Readonly<Record<string, unknown>>);

/** The names of the classes that have a prop, in alphabetical order. */
export function classesWith(prop: string): string[] {
  return [...classes].flatMap(([name, props]) => (Object.hasOwn(props, prop) ? [name] : [])).sort();
}

/** Says which other classes have a prop. */
function elsewhere(prop: string, props: string): { problem: string; expected: string } {
  const [one, ...more] = classesWith(prop);
  if (one === undefined) return unknown(props);
  if (more.length === 0) return { problem: `only ${one} has it`, expected: `that class, or ${props}` };
  return { problem: `only ${[one, ...more].join(', ')} have it`, expected: `one of these classes, or ${props}` };
}

const unknown = (props: string) => ({ problem: 'is not a prop', expected: props });

/**
 * Refuses an unknown prop, and a value that must be an array but is not. The compiler checks both, but not every
 * program is compiled. A misspelt prop must not be ignored, since it may leave something open that was meant to be
 * closed.
 * @throws Error
 */
export function checkProps(props: object, known: Readonly<Record<string, true | 'list'>>, at: string): void {
  if (typeof props !== 'object' || props === null)
    fail({ action: 'use as props', value: props, problem: 'is not an object', expected: '{ ... }', at });
  for (const [name, value] of Object.entries(props)) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!kind) {
      const props = `one of ${Object.keys(known).sort().join(', ')}`;
      fail({ action: 'set', value: name, ...(isClass(known) ? elsewhere(name, props) : unknown(props)), at });
    }
    if (kind === 'list' && value !== undefined && !Array.isArray(value))
      fail({ action: `set ${name} to`, value, problem: 'is not an array', expected: '[ ... ]', at: `${at}.${name}` });
  }
}
