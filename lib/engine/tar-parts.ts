const BLOCK = 512;

/** The header of an entry of a tar archive, as it was written. */
export interface TarEntry {
  /** Byte by byte: a character for each, whatever it is encoded in. */
  readonly path: string;
  readonly directory: boolean;
  /** All blocks of it, those for long names and for extended attributes included. */
  readonly header: Buffer;
}

/** Cuts a tar archive into entries, each followed by the blocks of its content. @throws Error for what is no archive */
export async function* tarParts(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry | Buffer> {
  const reader = new Reader(source);
  let extended: Extended = { blocks: [] };
  for (;;) {
    const block = await reader.read(BLOCK);
    if (block.length < BLOCK || block.every((byte) => byte === 0)) return;
    const type = String.fromCharCode(block[156] ?? 0);
    if ('xgLK'.includes(type)) {
      const body = await reader.read(padded(sizeOf(block)));
      // Of a whole archive, they say nothing about a file.
      if (type !== 'g') extended = extend(extended, type, block, body.subarray(0, sizeOf(block)), body);
      continue;
    }
    const { path = nameOf(block), size = sizeOf(block), blocks } = extended;
    yield { path, directory: type === '5', header: Buffer.concat([...blocks, block]) };
    extended = { blocks: [] };
    // Links, devices and directories have no content, whatever their size says.
    for (let left = '123456'.includes(type) ? 0 : padded(size); left > 0; ) {
      const chunk = await reader.read(Math.min(left, 128 * BLOCK));
      if (chunk.length === 0) throw new Error(`the archive ends within ${path}`);
      yield chunk;
      left -= chunk.length;
    }
  }
}

/** What the blocks before an entry say about it. */
interface Extended {
  readonly path?: string;
  readonly size?: number;
  readonly blocks: readonly Buffer[];
}

function extend(before: Extended, type: string, block: Buffer, content: Buffer, body: Buffer): Extended {
  const blocks = [...before.blocks, block, body];
  if (type === 'K') return { ...before, blocks };
  if (type === 'L') return { ...before, blocks, path: content.toString('latin1').replace(/\0.*$/s, '') };
  const records = paxRecords(content);
  const [path, size] = [records.get('path'), records.get('size')];
  return { ...before, blocks, ...(path !== undefined && { path }), ...(size !== undefined && { size: Number(size) }) };
}

/** `LENGTH KEY=VALUE\n`, where the length counts all of it. @see pax(1) */
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const length = Number.parseInt(content.toString('latin1', at, at + 20), 10);
    if (!(length > 0)) break;
    const [, key = '', value = ''] = /^\d+ ([^=]*)=(.*)\n$/s.exec(content.toString('latin1', at, at + length)) ?? [];
    records.set(key, value);
    at += length;
  }
  return records;
}

function nameOf(block: Buffer): string {
  const text = (from: number, to: number) => block.toString('latin1', from, to).replace(/\0.*$/s, '');
  // GNU's own format has other things in the place of the prefix.
  const prefix = text(257, 265) === 'ustar' ? text(345, 500) : '';
  return prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`;
}

/** Octal digits, or for what they can't hold a number in binary. */
function sizeOf(block: Buffer): number {
  const field = block.subarray(124, 136);
  if ((field[0] ?? 0) & 0x80) return Number(BigInt.asUintN(95, BigInt(`0x${field.toString('hex')}`)));
  const size = Number.parseInt(field.toString('latin1').replace(/\0.*$/s, '').trim() || '0', 8);
  if (Number.isNaN(size)) throw new Error('it is no tar archive');
  return size;
}

const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;

/** Reads a stream in pieces of a given length. */
class Reader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  /** Fewer bytes only at the end. */
  async read(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      if (this.rest.length === 0) {
        const next = await this.chunks.next();
        if (next.done) break;
        this.rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
      }
      const part = this.rest.subarray(0, missing);
      this.rest = this.rest.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
  }
}
