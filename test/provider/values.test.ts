import { encodeMsgpack } from '../../lib/provider/msgpack';
import type { Attribute, Attributes, ValueType } from '../../lib/provider/schema';
import { UNKNOWN } from '../../lib/provider/unknown';
import { readObject, writeObject } from '../../lib/provider/values';
import fc from '../fast-check';

const flags = { optional: true, description: '' };
const key = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__proto__');
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
);

/** A schema together with values that fit it. */
interface Sample {
  readonly attributes: Attributes;
  readonly object: object;
}

const anyType: fc.Arbitrary<ValueType> = fc.letrec<{ type: ValueType }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('string', 'number', 'bool'),
    fc.tuple(fc.constantFrom('list', 'set', 'map'), tie('type')),
  ),
})).type;

function anyValue(type: ValueType): fc.Arbitrary<unknown> {
  const known: fc.Arbitrary<unknown> =
    type === 'string' ? fc.string({ unit: 'grapheme' }) : type === 'number' ? number : fc.boolean();
  if (typeof type === 'string') return fc.oneof({ weight: 5, arbitrary: known }, fc.constant(UNKNOWN));
  const element = fc.oneof({ weight: 5, arbitrary: anyValue(type[1]) }, fc.constant(null));
  return type[0] === 'map' ? fc.dictionary(key, element, { noNullPrototype: true }) : fc.array(element);
}

function anySample(depth: number): fc.Arbitrary<Sample> {
  const plain = anyType.chain((type) =>
    fc.record({ attribute: fc.constant({ ...flags, type }), value: anyValue(type) }),
  );
  const anyAttribute = depth === 0 ? plain : fc.oneof({ weight: 2, arbitrary: plain }, anyNested(depth - 1));
  return fc.dictionary(key, fc.record({ sample: anyAttribute, set: fc.boolean() }), { maxKeys: 4 }).map((samples) => ({
    attributes: Object.fromEntries(Object.entries(samples).map(([name, { sample }]) => [name, sample.attribute])),
    object: Object.fromEntries(
      Object.entries(samples).flatMap(([name, { sample, set }]) => (set ? [[name, sample.value]] : [])),
    ),
  }));
}

function anyNested(depth: number): fc.Arbitrary<{ attribute: Attribute; value: unknown }> {
  return fc
    .tuple(fc.constantFrom('single' as const, 'list' as const, 'map' as const), anySample(depth))
    .map(([nesting, { attributes, object }]) => ({
      attribute: { ...flags, nesting, attributes },
      value: nesting === 'single' ? object : nesting === 'list' ? [object, null, UNKNOWN] : { a: object, b: null },
    }));
}

function write(attributes: Attributes, object: object) {
  return { json: new Uint8Array(), msgpack: writeObject(attributes, object).msgpack ?? new Uint8Array() };
}

function sent(value: unknown) {
  return { json: new Uint8Array(), msgpack: encodeMsgpack(value) };
}

const one = (type: ValueType): Attributes => ({ value: { ...flags, type } });

describe('values', () => {
  test('an object comes back as it was, whatever the schema', () => {
    fc.assert(
      fc.property(anySample(2), ({ attributes, object }) => {
        expect(readObject(attributes, write(attributes, object))).toEqual(object);
      }),
    );
  });

  test('Terraform gets every attribute, with null for those that are absent', () => {
    const attributes: Attributes = {
      ...one('string'),
      nested: { ...flags, nesting: 'single', attributes: one(['list', 'string']) },
    };
    expect(writeObject(attributes, {})).toEqual({ msgpack: encodeMsgpack({ value: null, nested: null }) });
    const message = encodeMsgpack({ value: null, nested: { value: null } });
    expect(writeObject(attributes, { nested: {} })).toEqual({ msgpack: message });
  });

  test('an attribute that Terraform sends as null is absent, an element that is null stays', () => {
    const attributes: Attributes = { ...one('string'), map: { ...flags, type: ['map', 'string'] } };
    expect(readObject(attributes, sent({ value: null, map: { a: null } }))).toEqual({ map: { a: null } });
  });

  test('an object that does not exist is undefined', () => {
    expect(readObject(one('string'), sent(null))).toBeUndefined();
    expect(readObject(one('string'), null)).toBeUndefined();
    expect(writeObject(one('string'), undefined)).toEqual({ msgpack: encodeMsgpack(null) });
  });

  test('fractions travel as decimal text, since a double is not what the user wrote', () => {
    expect(writeObject(one('number'), { value: 0.1 })).toEqual({ msgpack: encodeMsgpack({ value: '0.1' }) });
    expect(readObject(one('number'), sent({ value: '0.1' }))).toEqual({ value: 0.1 });
  });

  test.each(['9007199254740993', '0.10000000000000000001', '18446744073709551616'])(
    '%s, which no JavaScript number holds, stays exact as text',
    (value) => {
      expect(readObject(one('number'), sent({ value }))).toEqual({ value });
      expect(readObject(one('number'), write(one('number'), { value }))).toEqual({ value });
    },
  );

  test('an integer of 64 bits is a number if it fits, and else exact text', () => {
    const int64 = (hex: string) => ({ json: new Uint8Array(), msgpack: Buffer.from(`81a576616c7565${hex}`, 'hex') });
    expect(readObject(one('number'), int64('cf0000000100000000'))).toEqual({ value: 2 ** 32 });
    expect(readObject(one('number'), int64('cf7fffffffffffffff'))).toEqual({ value: '9223372036854775807' });
  });

  test('write-only values are never sent back', () => {
    const attributes: Attributes = { value: { type: 'string', description: '', writeOnly: true } };
    expect(writeObject(attributes, { value: 'secret' })).toEqual({ msgpack: encodeMsgpack({ value: null }) });
  });

  const nested: Attributes = { files: { ...flags, nesting: 'map', attributes: one('string') } };
  test.each<[string, Attributes, object, string]>([
    ['another type', one('string'), { value: 1 }, '"value" to Terraform: is number, expected a string'],
    ['a list for a map', one(['map', 'bool']), { value: [] }, '"value" to Terraform: is a list, expected a map'],
    [
      'a wrong element',
      one(['list', 'bool']),
      { value: [true, 'x'] },
      '"value.1" to Terraform: is string, expected a bool',
    ],
    ['NaN', one('number'), { value: Number.NaN }, '"value" to Terraform: is number, expected a finite number'],
    ['text for a number', one('number'), { value: 'ten' }, '"value" to Terraform: is string, expected a finite number'],
    [
      'a text for an object',
      nested,
      { files: { '/a': 'x' } },
      '"files./a" to Terraform: is string, expected an object',
    ],
    [
      'an attribute of no schema',
      nested,
      { files: { '/a': { x: 1 } } },
      '"files./a.x" to Terraform: there is no such attribute',
    ],
  ])('%s is refused with its path, and without its value', (_what, attributes, object, message) => {
    expect(() => writeObject(attributes, object)).toThrow(new Error(`Cannot pass ${message}`));
  });
});
