import { decodeMessage, encodeMessage } from '../../lib/provider/codec';
import { type FieldRow, MESSAGES, type MessageName } from '../../lib/provider/messages';
import fc from '../fast-check';

const names = Object.keys(MESSAGES) as MessageName[];

/** Any value of a message, three levels deep at most: attributes nest. */
function anyMessage(name: string, depth = 3): fc.Arbitrary<object> {
  const rows: [string, FieldRow][] = Object.entries(MESSAGES[name as MessageName]);
  const fields = rows
    .filter(([, [, type]]) => depth > 0 || !(type in MESSAGES))
    .map(([field, row]) => ({ [field]: anyField(row, depth) }));
  const some = (model: object) => fc.record(model, { requiredKeys: [], noNullPrototype: true });
  return rows.some(([, row]) => row[2] === 'oneof')
    ? fc.oneof(...fields.map(some))
    : some(Object.assign({}, ...fields));
}

function anyField([, type, rule]: FieldRow, depth: number): fc.Arbitrary<unknown> {
  const scalars: Record<string, fc.Arbitrary<unknown>> = {
    string: fc.string({ unit: 'grapheme' }),
    bytes: fc.uint8Array(),
    bool: fc.boolean(),
    int32: fc.integer(),
  };
  const value = scalars[type] ?? anyMessage(type, depth - 1);
  if (rule === 'repeated') return fc.array(value, { maxLength: 3 });
  return rule === 'map' ? fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), value, { maxKeys: 3 }) : value;
}

/** A message with all that is empty left out, as the wire has it, and bytes in a form to compare. */
function compact(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.length ? Buffer.from(value).toString('hex') : undefined;
  if (Array.isArray(value)) return value.length ? value.map((element) => compact(element) ?? {}) : undefined;
  if (typeof value !== 'object' || value === null) return value || undefined;
  const entries = Object.entries(value).map(([key, inner]) => [key, compact(inner)]);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined && !isEmptyObject(inner)));
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

describe('protobuf codec', () => {
  test.each(names)('%s comes back as it was sent', (name) => {
    fc.assert(
      fc.property(anyMessage(name), (message) => {
        expect(compact(decodeMessage(name, encodeMessage(name, message)))).toEqual(compact(message));
      }),
      { numRuns: 50 },
    );
  });

  test('writes the bytes that protobuf prescribes', () => {
    const diagnostic = encodeMessage('Diagnostic', { severity: 1, summary: 'no', detail: '' });
    expect(Buffer.from(diagnostic).toString('hex')).toBe('0801' + '12026e6f');
    const schemas = encodeMessage('GetProviderSchemaResponse', { resourceSchemas: { t: { version: 2 } } });
    expect(Buffer.from(schemas).toString('hex')).toBe('1207' + '0a0174' + '12020802');
  });

  test('writes a step to the first element of a list, although its index is 0', () => {
    const path = encodeMessage('AttributePath', { steps: [{ attributeName: 'a' }, { elementKeyInt: 0 }] });
    expect(Buffer.from(path).toString('hex')).toBe('0a030a0161' + '0a021800');
  });

  test('gives scalars and lists that were not sent their empty value, and messages null', () => {
    expect(decodeMessage('ReadResourceRequest', new Uint8Array())).toMatchObject({ typeName: '', currentState: null });
    expect(decodeMessage('ReadResourceRequest', new Uint8Array()).private).toHaveLength(0);
  });

  test('skips fields that it does not know, of every wire type', () => {
    const unknown = ['f80601', 'f1060102030405060708', 'fa0602abcd', 'f50601020304'];
    const bytes = Buffer.from(`${unknown.join('')}0a0161`, 'hex');
    expect(decodeMessage('ResourceMetadata', bytes).typeName).toBe('a');
  });

  test('takes a varint of 64 bits for a small number', () => {
    expect(decodeMessage('Schema', Buffer.from('0882808080808080808000', 'hex')).version).toBe(2);
  });

  test('throws on bytes that are cut off', () => {
    const bytes = encodeMessage('ResourceMetadata', { typeName: 'bulkhead_service' });
    expect(() => decodeMessage('ResourceMetadata', bytes.subarray(0, -1))).toThrow(RangeError);
  });
});
