/** An entry as somebody may write it who means harm: nothing of it is checked, and any field may lie. */
export interface MadeEntry {
  readonly path: string;
  /** Type of the entry as its header has it: '0' a file, '1' a hard link, '2' a symbolic link, '5' a directory. */
  readonly flag?: string;
  readonly content?: string | Buffer;
  readonly target?: string;
  /** What the header says, whatever the content is. */
  readonly size?: number;
  readonly mode?: number;
  /** Records of a pax header before the entry, in full. */
  readonly pax?: string | Buffer;
}

const BLOCK = 512;

/** A tar archive with these entries, and two empty blocks at its end. */
export function tarOf(entries: readonly MadeEntry[]): Buffer {
  return Buffer.concat([...entries.map(madeEntry), Buffer.alloc(2 * BLOCK)]);
}

/** One entry without an end of the archive. */
export function madeEntry({ path, flag = '0', content = '', target = '', size, mode = 0o644, pax }: MadeEntry): Buffer {
  const body = Buffer.from(content);
  return Buffer.concat([
    ...(pax === undefined ? [] : [madeEntry({ path: 'pax', flag: 'x', content: pax })]),
    header(path, flag, target, size ?? body.length, mode),
    body,
    Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK),
  ]);
}

/** A record of a pax header with its right length. */
export function record(key: string, value: string): string {
  let length = key.length + value.length + 3;
  while (String(length).length + key.length + value.length + 3 > length) length += 1;
  return `${length} ${key}=${value}\n`;
}

function header(path: string, flag: string, target: string, size: number, mode: number): Buffer {
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100, 'latin1');
  block.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), 100, 'latin1');
  block.write(`        ${flag}`, 148, 'latin1');
  block.write(target, 157, 100, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
