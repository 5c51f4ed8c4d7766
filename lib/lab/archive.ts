import { Header } from 'tar';

/** One member of an archive. */
export type ArchiveEntry =
  | { readonly type: 'Directory'; readonly path: string; readonly mode?: number }
  | { readonly type: 'File'; readonly path: string; readonly content: string | Uint8Array; readonly mode?: number }
  | { readonly type: 'SymbolicLink'; readonly path: string; readonly target: string };

const BLOCK = 512;

/**
 * A tar archive of which every byte follows from the entries: sorted by path, owned by root, dated 1970.
 * Paths are relative and fit a ustar header.
 */
export function archive(entries: readonly ArchiveEntry[]): Buffer {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  return Buffer.concat([...sorted.flatMap(member), Buffer.alloc(2 * BLOCK)]);
}

function member(entry: ArchiveEntry): Buffer[] {
  const content = entry.type === 'File' ? Buffer.from(entry.content) : Buffer.alloc(0);
  const header = new Header({
    path: entry.type === 'Directory' ? `${entry.path}/` : entry.path,
    type: entry.type,
    mode: entry.type === 'SymbolicLink' ? 0o777 : (entry.mode ?? (entry.type === 'File' ? 0o644 : 0o755)),
    size: content.length,
    uid: 0,
    gid: 0,
    mtime: new Date(0),
    ...(entry.type === 'SymbolicLink' && { linkpath: entry.target }),
  });
  if (header.encode()) throw new Error(`Cannot archive "${entry.path}": it does not fit a ustar header`);
  const block = header.block;
  if (!block) throw new Error(`Cannot archive "${entry.path}": no header was made`);
  return [block, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}
