import { ArchiveError } from './error';
import { paxRecords } from './pax';

/** Size of a block in bytes. An archive is a sequence of blocks. */
export const BLOCK = 512;

/** Largest size in bytes of text about an entry, such as a long path. */
const MAX_EXTENSION = 1 << 20;

export type TarType = 'file' | 'link' | 'symlink' | 'directory' | 'fifo' | 'device';

/** An entry of a tar archive. Texts hold one character per byte, whatever their encoding. */
export interface TarEntry {
  readonly path: string;
  readonly type: TarType;
  /** Number of content bytes that follow. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Target of a link. */
  readonly target: string;
  /** Extended attributes by name, such as `security.capability`. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Meaning of a header block: an entry, a number of bytes about the next entry, or the end of the archive. */
export type TarHeader =
  | { readonly kind: 'entry'; readonly entry: TarEntry }
  | { readonly kind: 'extension'; readonly size: number }
  | { readonly kind: 'end' };

const TYPES: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'device',
  '4': 'device',
  '5': 'directory',
  '6': 'fifo',
};

/** Prefix of the pax records that hold extended attributes. */
export const XATTR = 'SCHILY.xattr.';

/**
 * Reads the header blocks of one archive in order. Blocks that readers could understand in different ways are refused.
 */
export class TarHeaders {
  private path: string | undefined;
  private target: string | undefined;
  private pax = new Map<string, string>();
  /** Type of the extension whose bytes follow. */
  private awaited = '';

  /** @param file name of the archive in errors */
  constructor(private readonly file: string) {}

  /** @throws ArchiveError for an invalid header block */
  read(block: Buffer): TarHeader {
    if (block.every((byte) => byte === 0)) return { kind: 'end' };
    if (!hasChecksum(block)) throw this.error(undefined, 'is damaged: a header has a wrong checksum', 'a tar archive');
    const flag = String.fromCharCode(block[156] ?? 0);
    if ('xgLK'.includes(flag)) return this.extension(block, flag);
    const entry = this.entry(block, flag);
    this.path = undefined;
    this.target = undefined;
    this.pax = new Map();
    return { kind: 'entry', entry };
  }

  /** Reads the bytes that an `extension` header announced. @throws ArchiveError when they are damaged */
  extend(content: Buffer): void {
    const text = content.toString('latin1');
    if (this.awaited === 'L') this.path = untilNul(text);
    else if (this.awaited === 'K') this.target = untilNul(text);
    else this.addRecords(content);
  }

  private addRecords(content: Buffer): void {
    const records = paxRecords(content);
    if (!records) throw this.error(undefined, 'has a damaged pax header', 'records of the form "LENGTH KEY=VALUE"');
    if (this.awaited === 'x') {
      for (const [key, value] of records) this.pax.set(key, value);
      return;
    }
    const lie = ['path', 'linkpath', 'size'].find((key) => records.has(key));
    if (lie) throw this.error(undefined, `has a global pax header that sets ${lie}`, 'one for each entry');
  }

  private extension(block: Buffer, flag: string): TarHeader {
    const size = this.number(block, 124, 12, 'size');
    if (size > MAX_EXTENSION)
      throw this.error(undefined, `has ${size} bytes of text about one entry`, `at most ${MAX_EXTENSION}`);
    this.awaited = flag;
    return { kind: 'extension', size };
  }

  private entry(block: Buffer, flag: string): TarEntry {
    const { pax } = this;
    const path = pax.get('path') ?? this.path ?? nameOf(block);
    if (path === '' || path.includes('\0')) throw this.error(path, 'has no path', 'a path');
    if (flag === 'S' || [...pax.keys()].some((key) => key.startsWith('GNU.sparse.')))
      throw this.error(path, 'is sparse', 'an archive created without --sparse');
    const type = TYPES[flag];
    if (!type) throw this.error(path, `is of type ${JSON.stringify(flag)}`, 'a file, a directory or a link');
    const size = this.size(block, path, type);
    const number = (key: string, at: number, length: number) =>
      pax.has(key) ? this.decimal(path, key) : this.number(block, at, length, key, path);
    const target = pax.get('linkpath') ?? this.target ?? field(block, 157, 100);
    if ((type === 'link' || type === 'symlink') && (target === '' || target.includes('\0')))
      throw this.error(path, 'leads nowhere', 'a link with a target');
    return {
      path,
      type,
      size,
      mode: this.number(block, 100, 8, 'mode', path) & 0o7777,
      uid: number('uid', 108, 8),
      gid: number('gid', 116, 8),
      mtime: Math.floor(number('mtime', 136, 12)),
      target: type === 'link' || type === 'symlink' ? target : '',
      attributes: new Map(
        [...pax].flatMap(([key, value]) => (key.startsWith(XATTR) ? [[key.slice(XATTR.length), value]] : [])),
      ),
    };
  }

  private size(block: Buffer, path: string, type: TarType): number {
    const size = this.pax.has('size') ? this.decimal(path, 'size') : this.number(block, 124, 12, 'size', path);
    if (!Number.isSafeInteger(size) || size < 0) throw this.error(path, `has a size of ${size}`, 'a number of bytes');
    // For a hard link, some programs write the size of its target, and no content. Readers differ in whether they skip
    // the content of other types.
    if (type === 'link') return 0;
    if (type !== 'file' && size > 0) throw this.error(path, `is a ${type} and has content`, 'content only in files');
    return size;
  }

  private decimal(path: string, key: string): number {
    const text = this.pax.get(key) ?? '';
    if (!/^-?\d{1,20}(?:\.\d*)?$/.test(text))
      throw this.error(path, `has a pax header with a damaged ${key}`, 'a number');
    return Number(text);
  }

  /** A number in octal digits, or in binary if it is too large for them. */
  private number(block: Buffer, at: number, length: number, key: string, path?: string): number {
    const bytes = block.subarray(at, at + length);
    const first = bytes[0] ?? 0;
    if (first === 0x80 || first === 0xff) {
      const bits = BigInt(`0x${bytes.subarray(1).toString('hex')}`);
      return Number(first === 0x80 ? bits : BigInt.asIntN(length * 8 - 8, bits));
    }
    const text = field(block, at, length).trim();
    if (!/^[0-7]*$/.test(text)) throw this.error(path, `has a header with a damaged ${key}`, 'a tar archive');
    return Number.parseInt(text || '0', 8);
  }

  private error(entry: string | undefined, problem: string, expected: string): ArchiveError {
    return new ArchiveError({ file: this.file, entry, problem, expected });
  }
}

/** Number of bytes that fill the content up to a whole block. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function nameOf(block: Buffer): string {
  // GNU's own format has other fields in place of the prefix.
  const prefix = field(block, 257, 8) === 'ustar' ? field(block, 345, 155) : '';
  const name = field(block, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function field(block: Buffer, at: number, length: number): string {
  return untilNul(block.toString('latin1', at, at + length));
}

function untilNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** The checksum adds all bytes, with blanks in place of the checksum itself. Some programs add signed bytes. */
function hasChecksum(block: Buffer): boolean {
  const expected = Number.parseInt(field(block, 148, 8).trim(), 8);
  let unsigned = 0;
  let signed = 0;
  block.forEach((byte, at) => {
    const value = at >= 148 && at < 156 ? 32 : byte;
    unsigned += value;
    signed += value > 127 ? value - 256 : value;
  });
  return expected === unsigned || expected === signed;
}
