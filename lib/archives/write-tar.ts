import { paxRecord } from './pax';
import { BLOCK, paddingOf, type TarEntry, type TarType, XATTR } from './tar-header';

const FLAGS: Readonly<Record<Exclude<TarType, 'device'>, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  directory: '5',
  fifo: '6',
};

/** The blocks at the end of an archive. */
export const END_OF_TAR = Buffer.alloc(2 * BLOCK);

/** The header blocks of an entry, in the form that GNU tar and others read. */
export function tarHeader(entry: TarEntry): Buffer {
  const { path, type, target, attributes } = entry;
  if (type === 'device') throw new Error('Cannot write a device into an archive');
  const records = [...attributes].map(([name, value]) => paxRecord(XATTR + name, value));
  return Buffer.concat([
    ...(records.length > 0 ? extension('x', Buffer.concat(records)) : []),
    ...(target.length > 100 ? extension('K', Buffer.from(`${target}\0`, 'latin1')) : []),
    ...(path.length > 100 ? extension('L', Buffer.from(`${path}\0`, 'latin1')) : []),
    block(entry, FLAGS[type]),
  ]);
}

/** The header of a plain file that root owns. */
export function fileHeader(path: string, size: number): Buffer {
  const attributes = new Map<string, string>();
  return tarHeader({ path, type: 'file', size, mode: 0o600, uid: 0, gid: 0, mtime: 0, target: '', attributes });
}

/** A plain file that root owns, with its content. */
export function wholeFile(path: string, content: Buffer): Buffer[] {
  return [fileHeader(path, content.length), content, Buffer.alloc(paddingOf(content.length))];
}

function extension(flag: string, content: Buffer): Buffer[] {
  const header = { path: '././@LongLink', size: content.length, mode: 0, uid: 0, gid: 0, mtime: 0, target: '' };
  return [block(header, flag), content, Buffer.alloc(paddingOf(content.length))];
}

function block(entry: Omit<TarEntry, 'type' | 'attributes'>, flag: string): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(entry.path.slice(0, 100), 0, 'latin1');
  header.write(number(entry.mode, 8), 100, 'latin1');
  header.write(number(entry.uid, 8), 108, 'latin1');
  header.write(number(entry.gid, 8), 116, 'latin1');
  header.write(number(entry.size, 12), 124, 'latin1');
  header.write(number(entry.mtime, 12), 136, 'latin1');
  header.write(`${' '.repeat(8)}${flag}`, 148, 'latin1');
  header.write(entry.target.slice(0, 100), 157, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** A number in octal digits, or in binary if it is too large for them. */
function number(value: number, length: number): string {
  const digits = value.toString(8).padStart(length - 1, '0');
  if (value >= 0 && digits.length < length) return digits;
  const bits = BigInt.asUintN((length - 1) * 8, BigInt(value));
  const hex = bits.toString(16).padStart((length - 1) * 2, '0');
  return (value < 0 ? '\xff' : '\x80') + Buffer.from(hex, 'hex').toString('latin1');
}
