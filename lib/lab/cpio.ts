import type { ArchiveEntry } from './archive';

const FILE_TYPE = { Directory: 0o040000, File: 0o100000, SymbolicLink: 0o120000 } as const;

/**
 * A cpio archive as the kernel unpacks it for an initial RAM file system: owned by root, dated 1970. Directories come
 * before what is in them.
 * @see https://docs.kernel.org/driver-api/early-userspace/buffer-format.html
 */
export function cpio(entries: readonly ArchiveEntry[]): Buffer {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const members = sorted.flatMap((entry, index) => member(entry.path, modeOf(entry), contentOf(entry), index + 1));
  return Buffer.concat([...members, ...member('TRAILER!!!', 0, Buffer.alloc(0), 0)]);
}

function modeOf(entry: ArchiveEntry): number {
  const permissions = entry.type === 'SymbolicLink' ? 0o777 : (entry.mode ?? (entry.type === 'File' ? 0o644 : 0o755));
  return FILE_TYPE[entry.type] | permissions;
}

function contentOf(entry: ArchiveEntry): Buffer {
  if (entry.type === 'Directory') return Buffer.alloc(0);
  return Buffer.from(entry.type === 'File' ? entry.content : entry.target);
}

function member(path: string, mode: number, content: Buffer, inode: number): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  // inode, mode, uid, gid, links, mtime, size, device twice, and the length of the name
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [header, name, padding(header.length + name.length), content, padding(content.length)];
}

const padding = (length: number) => Buffer.alloc((4 - (length % 4)) % 4);
