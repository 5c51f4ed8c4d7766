import type { Incoming, Outgoing } from './messages';
import { decodeMsgpack, encodeMsgpack } from './msgpack';
import { type Attribute, type Attributes, isNested, type ValueType } from './schema';
import { isUnknown } from './unknown';

/** An object in the form of resources: an attribute that is not set is absent, never null. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * Reads an object from Terraform. A number that JavaScript can't hold exactly stays a decimal string. Returns undefined
 * for null, which Terraform sends for an object that does not exist.
 */
export function readObject(attributes: Attributes, sent: Incoming<'DynamicValue'> | null): Values | undefined {
  const value = sent?.msgpack.length ? decodeMsgpack(sent.msgpack) : null;
  return value === null ? undefined : readAttributes(attributes, value as Values);
}

function readAttributes(attributes: Attributes, object: Values): Values {
  const result: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = own(object, name);
    if (value !== null && value !== undefined) result[name] = readAttribute(attribute, value);
  }
  return result;
}

function readAttribute(attribute: Attribute, value: unknown): unknown {
  if (!isNested(attribute)) return readValue(attribute.type, value);
  if (attribute.nesting === 'single') return readElement(attribute.attributes, value);
  return mapElements(value, (element) => readElement(attribute.attributes, element));
}

function readElement(attributes: Attributes, value: unknown): unknown {
  return isUnknown(value) || value === null ? value : readAttributes(attributes, value as Values);
}

function readValue(type: ValueType, value: unknown): unknown {
  if (type === 'number') return readNumber(value);
  return typeof type === 'string' ? value : mapElements(value, (element) => readValue(type[1], element));
}

// Terraform's numbers are decimal and of any size. Terraform sends a number that fits no integer and no double as text,
// without an exponent.
function readNumber(value: unknown): unknown {
  if (typeof value !== 'bigint' && typeof value !== 'string') return value;
  const number = Number(value);
  return String(number) === String(value) || significantDigits(String(value)) <= 15 ? number : String(value);
}

// A double holds every decimal number of up to 15 digits.
function significantDigits(decimal: string): number {
  return decimal.replace(/[-.]/g, '').replace(/^0+/, '').length;
}

function mapElements(value: unknown, map: (element: unknown) => unknown): unknown {
  if (isUnknown(value) || value === null) return value;
  if (Array.isArray(value)) return value.map(map);
  return Object.fromEntries(Object.entries(value as Values).map(([key, element]) => [key, map(element)]));
}

/**
 * Writes an object for Terraform. Absent attributes become null, and so do write-only attributes.
 * @throws when the object does not fit the schema, since Terraform's own message would not name the attribute
 */
export function writeObject(attributes: Attributes, object: object | undefined): Outgoing<'DynamicValue'> {
  return { msgpack: encodeMsgpack(object === undefined ? null : writeAttributes(attributes, object, [])) };
}

function writeAttributes(attributes: Attributes, object: unknown, at: readonly string[]): Values {
  if (!isObject(object)) return mismatch(object, 'an object', at);
  for (const name of Object.keys(object)) {
    if (object[name] !== undefined && !Object.hasOwn(attributes, name))
      throw new Error(`Cannot pass "${[...at, name].join('.')}" to Terraform: there is no such attribute`);
  }
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [
      name,
      attribute.writeOnly ? null : writeAttribute(attribute, own(object, name) ?? null, [...at, name]),
    ]),
  );
}

function writeAttribute(attribute: Attribute, value: unknown, at: readonly string[]): unknown {
  if (value === null || isUnknown(value)) return value;
  if (!isNested(attribute)) return writeValue(attribute.type, value, at);
  if (attribute.nesting === 'single') return writeAttributes(attribute.attributes, value, at);
  return writeElements(attribute.nesting, value, at, (element, path) =>
    element === null || isUnknown(element) ? element : writeAttributes(attribute.attributes, element, path),
  );
}

function writeValue(type: ValueType, value: unknown, at: readonly string[]): unknown {
  if (value === null || isUnknown(value)) return value;
  if (typeof type !== 'string')
    return writeElements(type[0], value, at, (element, path) => writeValue(type[1], element, path));
  if (type === 'number') return writeNumber(value, at);
  return typeof value === (type === 'bool' ? 'boolean' : type) ? value : mismatch(value, `a ${type}`, at);
}

const DECIMAL = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

// A double can't hold every decimal fraction exactly (0.1), so fractions are sent as text.
function writeNumber(value: unknown, at: readonly string[]): unknown {
  if (Number.isSafeInteger(value)) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'string' && DECIMAL.test(value)) return value;
  return mismatch(value, 'a finite number', at);
}

function writeElements(
  collection: 'list' | 'set' | 'map',
  value: unknown,
  at: readonly string[],
  write: (element: unknown, at: readonly string[]) => unknown,
): unknown {
  if (collection !== 'map')
    return Array.isArray(value)
      ? value.map((element, i) => write(element, [...at, String(i)]))
      : mismatch(value, `a ${collection}`, at);
  if (!isObject(value)) return mismatch(value, 'a map', at);
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, write(element, [...at, key])]));
}

/** An own property of the object. Names come from schemas and users, so any name is possible, such as `constructor`. */
export function own(object: Values, name: string | number): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Whether a value is an object or a map. */
export function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isUnknown(value);
}

// The message names only the type of the value, since the value may be a secret.
function mismatch(value: unknown, expected: string, at: readonly string[]): never {
  throw new Error(`Cannot pass "${at.join('.')}" to Terraform: is ${kindOf(value)}, expected ${expected}`);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : isUnknown(value) ? 'unknown' : typeof value;
}
