import { decodeMsgpack, encodeMsgpack } from '../../lib/provider/msgpack';
import { UNKNOWN } from '../../lib/provider/unknown';
import fc from '../fast-check';

const key = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__proto__');
const { anyTree } = fc.letrec((tie) => ({
  anyTree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, UNKNOWN),
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.array(tie('anyTree')),
    fc.dictionary(key, tie('anyTree'), { noNullPrototype: true }),
  ),
}));

describe('msgpack', () => {
  test('trees come back as they were sent, with unknown values anywhere', () => {
    fc.assert(fc.property(anyTree, (tree) => expect(decodeMsgpack(encodeMsgpack(tree))).toEqual(tree)));
  });

  test("writes an unknown value as Terraform's extension 0", () => {
    expect(Buffer.from(encodeMsgpack([UNKNOWN])).toString('hex')).toBe('91' + 'd40000');
  });

  test('takes every extension for an unknown value', () => {
    const withPrefix = 'c7' + '07' + '0c' + '8102a3616263' + 'c0';
    expect(decodeMsgpack(Buffer.from('d40000', 'hex'))).toBe(UNKNOWN);
    expect(decodeMsgpack(Buffer.from(`92${withPrefix}01`, 'hex'))).toEqual([UNKNOWN, 1]);
  });

  test('keeps integers of 64 bits exact', () => {
    expect(decodeMsgpack(Buffer.from('cf7fffffffffffffff', 'hex'))).toBe(9223372036854775807n);
    expect(decodeMsgpack(Buffer.from('d38000000000000000', 'hex'))).toBe(-9223372036854775808n);
  });

  test('keeps a text of many megabytes', () => {
    const text = 'ä'.repeat(5 << 20);
    expect(decodeMsgpack(encodeMsgpack({ text }))).toEqual({ text });
  });

  test('throws on bytes that are cut off', () => {
    expect(() => decodeMsgpack(encodeMsgpack(['abc']).subarray(0, -1))).toThrow();
  });
});
