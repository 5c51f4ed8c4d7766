import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Header, Parser, Pax, type ReadEntry } from 'tar';
import type { SizedInput } from './sequence';
import type { ActualFile } from './state';

const BLOCK = 512;
const TYPES: Record<string, ActualFile['type']> = {
  File: 'file',
  OldFile: 'file',
  SymbolicLink: 'symlink',
  Directory: 'directory',
};

/** How compressed data begins, which the parser would unpack, however large it gets. */
const COMPRESSED = ['1f8b', '28b52ffd'];

/** Reads a tar archive that is in memory. What follows after something else than an entry is left out. */
export function readTar(archive: Buffer): (ActualFile & { readonly path: string })[] {
  const entries: (ActualFile & { path: string })[] = [];
  if (COMPRESSED.some((magic) => archive.toString('hex', 0, 4).startsWith(magic))) return entries;
  const parser = new Parser({
    onReadEntry(entry: ReadEntry) {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => {
        const type = TYPES[entry.type] ?? 'other';
        entries.push({
          path: entry.path.replace(/(.)\/$/, '$1'),
          type,
          mode: ((entry.mode ?? 0) & 0o7777).toString(8).padStart(4, '0'),
          owner: entry.uname || String(entry.uid),
          group: entry.gname || String(entry.gid),
          ...(type === 'file' && { content: Buffer.concat(chunks) }),
        });
      });
    },
  });
  parser.on('error', () => {});
  parser.end(archive);
  return entries;
}

export interface TarFile {
  readonly path: string;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  /** The content, or where on this machine it is read from; empty for a link. */
  readonly content: string | { readonly file: string };
  /** Whether it is written into the file that is there. */
  readonly inPlace?: boolean | undefined;
  /** Where a symbolic link leads. Not set for a file. */
  readonly target?: string;
}

/** An archive of files, of which large ones are read while it is. */
export async function tarOf(files: readonly TarFile[]): Promise<SizedInput> {
  const entries = await Promise.all(files.map(entryOf));
  const sizes = entries.map(({ head, size }) => head.length + size + padding(size));
  const length = sizes.reduce((sum, size) => sum + size, 2 * BLOCK);
  return { length, open: () => Readable.from(blocks(entries)) };
}

interface Entry {
  readonly head: Buffer;
  readonly size: number;
  readonly content: Buffer | { readonly file: string };
}

async function entryOf(file: TarFile): Promise<Entry> {
  const content = typeof file.content === 'string' ? Buffer.from(file.content) : file.content;
  const size = Buffer.isBuffer(content) ? content.length : (await stat(content.file)).size;
  const data = {
    path: file.path,
    mode: Number.parseInt(file.mode, 8),
    size,
    uname: file.owner,
    gname: file.group,
    uid: 0,
    gid: 0,
    mtime: new Date(),
    ...(file.target === undefined
      ? ({ type: 'File' } as const)
      : ({ type: 'SymbolicLink', linkpath: file.target } as const)),
  };
  const header = new Header(data);
  const extended = header.encode() ? [new Pax(data).encode()] : [];
  return { head: Buffer.concat([...extended, ...(header.block ? [header.block] : [])]), size, content };
}

/** As many bytes of a file as it had when the archive was begun. */
async function* exactly(size: number, file: string): AsyncGenerator<Buffer> {
  let left = size;
  for await (const chunk of createReadStream(file, { end: size - 1 })) {
    left -= chunk.length;
    yield chunk;
  }
  if (left > 0) throw new Error(`Cannot read "${file}": it is shorter than it was`);
}

const padding = (size: number) => (BLOCK - (size % BLOCK)) % BLOCK;

async function* blocks(entries: readonly Entry[]): AsyncGenerator<Buffer> {
  for (const { head, size, content } of entries) {
    yield head;
    if (Buffer.isBuffer(content)) yield content;
    else if (size > 0) yield* exactly(size, content.file);
    yield Buffer.alloc(padding(size));
  }
  yield Buffer.alloc(2 * BLOCK);
}
