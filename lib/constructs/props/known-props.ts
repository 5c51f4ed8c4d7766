import { fail } from '../problem';

/** Every prop of a construct; `list` where it must be an array. */
export type KnownProps<T> = { readonly [K in keyof Required<T>]: true | 'list' };

/** Props of each class that runs a program of an image, by its name. A service moves from one to another of them. */
const classes = new Map<string, Readonly<Record<string, unknown>>>();

/** Names the props of a class, for messages of others that lack one of them. */
export function propsOfClass<T>(name: string, props: KnownProps<T>): KnownProps<T> {
  classes.set(name, props);
  return props;
}

const isClass = (props: object) => [...classes.values()].includes(props as Readonly<Record<string, unknown>>);

/** The classes that have a prop, in alphabetical order. */
function classesWith(prop: string): string[] {
  return [...classes].flatMap(([name, props]) => (Object.hasOwn(props, prop) ? [name] : [])).sort();
}

/**
 * Refuses a prop that does not exist, and one that is no array where it must be. The compiler does that too, but not for
 * everyone: a misspelt prop that is ignored may leave something open that was meant to be closed.
 * @throws Error
 */
export function checkProps(props: object, known: Readonly<Record<string, true | 'list'>>, at: string): void {
  if (typeof props !== 'object' || props === null)
    fail({ action: 'use as props', value: props, problem: 'is no object', expected: 'one', at });
  for (const [name, value] of Object.entries(props)) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!kind) {
      const others = isClass(known) ? classesWith(name) : [];
      const props = `one of ${Object.keys(known).sort().join(', ')}`;
      fail({
        action: 'set',
        value: name,
        problem: others.length > 0 ? `only ${others.join(', ')} have it` : 'is no prop',
        expected: others.length > 0 ? `one of these classes, or ${props}` : props,
        at,
      });
    }
    if (kind === 'list' && value !== undefined && !Array.isArray(value))
      fail({ action: `set ${name} to`, value, problem: 'is no array', expected: 'one', at: `${at}.${name}` });
  }
}
