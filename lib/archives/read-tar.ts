import { ArchiveError } from './error';
import { BLOCK, paddingOf, type TarEntry, TarHeaders } from './tar-header';

const CHUNK = 128 * BLOCK;

export interface ReadTarOptions {
  /** Name of the archive in errors. */
  readonly file: string;
  /**
   * Whether the two empty blocks at the end may be missing, because something else proves that the archive is complete.
   */
  readonly mayLackEnd?: boolean;
}

/**
 * Splits a tar archive into entries, each followed by its content. It reads the source to its end. @throws ArchiveError
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  { file, mayLackEnd = false }: ReadTarOptions,
): AsyncGenerator<TarEntry | Buffer> {
  const bytes = new Bytes(source);
  const headers = new TarHeaders(file);
  const truncated = (entry?: string) =>
    new ArchiveError({ file, entry, problem: 'is cut off', expected: 'a complete tar archive' });
  for (;;) {
    const block = await bytes.read(BLOCK);
    if (block.length === 0 && mayLackEnd) return;
    if (block.length < BLOCK) throw truncated();
    const header = headers.read(block);
    if (header.kind === 'end') break;
    if (header.kind === 'extension') {
      const text = await bytes.read(header.size + paddingOf(header.size));
      if (text.length < header.size) throw truncated();
      headers.extend(text.subarray(0, header.size));
      continue;
    }
    const { entry } = header;
    yield entry;
    for (let left = entry.size; left > 0; ) {
      const chunk = await bytes.read(Math.min(left, CHUNK));
      if (chunk.length === 0) throw truncated(entry.path);
      yield chunk;
      left -= chunk.length;
    }
    await bytes.read(paddingOf(entry.size));
  }
  await bytes.skipRest();
}

/** Reads a stream in pieces of a given length. */
class Bytes {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  /** Returns fewer bytes only at the end. */
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
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  async skipRest(): Promise<void> {
    while (!(await this.chunks.next()).done);
  }
}
