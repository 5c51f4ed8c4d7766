import { fstatSync, readSync } from 'node:fs';
import { ArchiveError } from './error';
import { BLOCK, paddingOf, type TarEntry, TarHeaders } from './tar-header';

/** Largest number of entries, more than any image has. */
const MAX_ENTRIES = 10_000;

export interface ListedEntry extends TarEntry {
  /** Offset of its content in the archive. */
  readonly offset: number;
}

export interface ListTarOptions {
  /** Largest number of entries. @default - more than any image has */
  readonly most?: number;
  /**
   * Whether the two empty blocks at the end may be missing, because something else proves that the archive is complete.
   */
  readonly mayLackEnd?: boolean;
}

/** Lists the entries of an uncompressed tar archive of any size, without reading their content. @throws ArchiveError */
export function listTar(
  descriptor: number,
  file: string,
  { most = MAX_ENTRIES, mayLackEnd = false }: ListTarOptions = {},
): ListedEntry[] {
  const error = (problem: string, entry?: string) =>
    new ArchiveError({ file, entry, problem, expected: 'a complete tar archive' });
  const end = fstatSync(descriptor).size;
  const headers = new TarHeaders(file);
  const entries: ListedEntry[] = [];
  for (let at = 0; ; ) {
    if (mayLackEnd && at >= end) return entries;
    const header = headers.read(readAt(descriptor, at, BLOCK) ?? fail(error('is cut off')));
    at += BLOCK;
    if (header.kind === 'end') return entries;
    if (header.kind === 'extension') {
      headers.extend(readAt(descriptor, at, header.size) ?? fail(error('is cut off')));
      at += header.size + paddingOf(header.size);
      continue;
    }
    const { entry } = header;
    if (at + entry.size > end) throw error('is cut off', entry.path);
    if (entries.length === most) throw error(`has more than ${most} entries`);
    entries.push({ ...entry, offset: at });
    at += entry.size + paddingOf(entry.size);
  }
}

/** Reads bytes of a file. Undefined when the file ends earlier. */
export function readAt(descriptor: number, offset: number, length: number): Buffer | undefined {
  const buffer = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const read = readSync(descriptor, buffer, done, length - done, offset + done);
    if (read === 0) return undefined;
    done += read;
  }
  return buffer;
}

function fail(error: Error): never {
  throw error;
}
