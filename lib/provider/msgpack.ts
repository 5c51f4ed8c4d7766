import { decode, type ExtensionCodecType, encode } from '@msgpack/msgpack';
import { DiagnosticError } from './diagnostics';
import { isUnknown, UNKNOWN } from './unknown';

// Terraform sends an unknown value as extension 0, or as extension 12 with a hint, such as a prefix. This codec always
// answers with 0, which only loses the hint.
const extensions: ExtensionCodecType<undefined> = {
  tryToEncode: (value) => (isUnknown(value) ? { type: 0, data: new Uint8Array(1) } : null),
  decode: () => UNKNOWN,
};

/** Writes a tree of plain values and {@link UNKNOWN}s. */
export function encodeMsgpack(value: unknown): Uint8Array {
  return encode(value, { extensionCodec: extensions });
}

/**
 * Reads a tree of plain values and {@link UNKNOWN}s. Integers of 64 bits become bigint.
 * @throws DiagnosticError when the bytes are malformed, or a map has the key `__proto__`
 */
export function decodeMsgpack(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { extensionCodec: extensions, useBigInt64: true });
  } catch (error) {
    throw new DiagnosticError(`Cannot read the values of a resource: ${(error as Error).message}`);
  }
}
