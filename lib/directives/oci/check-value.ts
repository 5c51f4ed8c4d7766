import { closest } from '../closest';
import { hasToken, isPlain, NOT_UTF8 } from '../text';
import type { Fields, Schema } from './schema';

/** A problem with a value: its place, such as `mounts[0].type`, and what is wrong and expected. */
export interface ValueProblem {
  readonly at: string;
  readonly message: string;
}

type Tokens = { readonly pattern: RegExp } | undefined;

/** Checks a value against its schema. Tokens are not checked. Pure. */
export function checkValue(value: unknown, schema: Schema, at: string, tokens: Tokens): ValueProblem[] {
  const wrong = (expected: string) => [{ at, message: `is ${typeOf(value)}, expected ${expected}` }];
  switch (schema.kind) {
    case 'text':
      return typeof value === 'string' ? checkText(value, schema, at, tokens) : wrong('text');
    case 'integer':
      if (!Number.isSafeInteger(value)) return wrong('an integer that is known at synthesis');
      return Number(value) < schema.min ? [{ at, message: `is ${value}, expected ${schema.min} or more` }] : [];
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong('true or false');
    case 'list':
      if (!Array.isArray(value)) return wrong('an array');
      return value.flatMap((item, index) => checkValue(item, schema.of, `${at}[${index}]`, tokens));
    case 'table':
      if (!isObject(value)) return wrong('an object');
      return Object.entries(value).flatMap(([name, item]) => [
        ...checkText(name, schema, at, undefined),
        ...checkValue(item, schema.of, `${at}.${name}`, tokens),
      ]);
    case 'object':
      return isObject(value) ? checkFields(value, schema, at, tokens) : wrong('an object');
  }
}

function checkFields(
  value: Readonly<Record<string, unknown>>,
  { fields, required }: Fields,
  at: string,
  tokens: Tokens,
): ValueProblem[] {
  const missing = required.filter((name) => value[name] === undefined);
  return [
    ...missing.map((name) => ({ at: `${at}.${name}`, message: 'is missing' })),
    ...Object.entries(value).flatMap(([name, item]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (!field) return [{ at: `${at}.${name}`, message: `is unknown, ${closest(name, Object.keys(fields))}` }];
      return item === undefined ? [] : checkValue(item, field, `${at}.${name}`, tokens);
    }),
  ];
}

function checkText(value: string, schema: Schema, at: string, tokens: Tokens): ValueProblem[] {
  const isOdd = !isPlain(value);
  if (isOdd && value.includes('\0')) return [{ at, message: 'has a NUL byte, expected text' }];
  if (isOdd && NOT_UTF8.test(value)) return [{ at, message: 'has a character that is not valid UTF-8, expected text' }];
  if (schema.kind !== 'text' || (isOdd && hasToken(value, tokens))) return [];
  const { values, pattern } = schema;
  if (values && !values.includes(value))
    return [{ at, message: `is "${value}", expected one of ${values.join(', ')}` }];
  if (pattern && !pattern.test(value)) return [{ at, message: `is "${value}", expected ${pattern.source}` }];
  return [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}
