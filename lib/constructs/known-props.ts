import { fail } from './problem';

/** Every prop of a construct; `list` where it must be an array. */
export type KnownProps<T> = { readonly [K in keyof Required<T>]: true | 'list' };

/**
 * Refuses a prop that does not exist, and one that is no array where it must be. The compiler does that too, but not for
 * everyone: a misspelt prop that is ignored may leave something open that was meant to be closed.
 * @throws Error
 */
export function checkProps(props: object, known: Readonly<Record<string, true | 'list'>>, at: string): void {
  if (typeof props !== 'object' || props === null)
    fail({ action: 'use as props', value: props, problem: 'is no object', expected: 'one', at });
  for (const [name, value] of Object.entries(props)) {
    const kind = known[name];
    if (!kind) {
      const expected = `one of ${Object.keys(known).sort().join(', ')}`;
      fail({ action: 'set', value: name, problem: 'is no prop', expected, at });
    }
    if (kind === 'list' && value !== undefined && !Array.isArray(value))
      fail({ action: `set ${name} to`, value, problem: 'is no array', expected: 'one', at: `${at}.${name}` });
  }
}
