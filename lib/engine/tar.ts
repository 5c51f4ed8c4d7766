import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Header, Parser, Pax, type ReadEntry } from 'tar';
import type { ActualFile } from './state';

const BLOCK = 512;
const TYPES: Record<string, ActualFile['type']> = {
  File: 'file',
  OldFile: 'file',
  SymbolicLink: 'symlink',
  Directory: 'directory',
};

/** Reads a tar archive that is in memory. */
export function readTar(archive: Buffer): (ActualFile & { readonly path: string })[] {
  const entries: (ActualFile & { path: string })[] = [];
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
  parser.end(archive);
  return entries;
}

export interface TarFile {
  readonly path: string;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  /** The content, or where on this machine it is read from. */
  readonly content: string | { readonly file: string };
}

/** Writes a tar archive, reading large files while it goes. */
export function writeTar(files: readonly TarFile[]): Readable {
  return Readable.from(blocks(files));
}

async function* blocks(files: readonly TarFile[]): AsyncGenerator<Buffer> {
  for (const file of files) {
    const content = typeof file.content === 'string' ? Buffer.from(file.content) : undefined;
    const source = typeof file.content === 'string' ? '' : file.content.file;
    const size = content?.length ?? (await stat(source)).size;
    const data = {
      path: file.path,
      mode: Number.parseInt(file.mode, 8),
      size,
      uname: file.owner,
      gname: file.group,
      uid: 0,
      gid: 0,
      mtime: new Date(),
      type: 'File',
    } as const;
    const header = new Header(data);
    if (header.encode()) yield new Pax(data).encode();
    if (header.block) yield header.block;
    if (content) yield content;
    else yield* createReadStream(source);
    yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}
