import { RootTree } from './root-tree';
import type { RootExtras } from './shared-root-name';
import { paddingOf, type TarEntry } from './tar-header';
import { END_OF_TAR, fileHeader, tarHeader } from './write-tar';

/** Paths on which a runtime mounts something over a root. The image need not have them. */
const MOUNT_POINTS: readonly (readonly [path: string, type: 'file' | 'directory', mode: number])[] = [
  ['dev', 'directory', 0o755],
  ['proc', 'directory', 0o555],
  ['run', 'directory', 0o755],
  ['sys', 'directory', 0o555],
  ['tmp', 'directory', 0o1777],
  ['var/tmp', 'directory', 0o1777],
  ['etc/hostname', 'file', 0o644],
  ['etc/hosts', 'file', 0o644],
  ['etc/machine-id', 'file', 0o444],
  ['etc/resolv.conf', 'file', 0o644],
];

/** An entry that is added to those of an image. */
export interface AddedEntry {
  readonly entry: TarEntry;
  readonly content: Buffer;
}

/**
 * Adds mount points and files that an image lacks. Returns the added entries, by their number in the tree. @throws
 * ArchiveError
 */
export function addEntries(tree: RootTree, { bare = false, files = {} }: RootExtras): Map<number, AddedEntry> {
  const added = new Map<number, AddedEntry>();
  tree.begin('what the service adds');
  const add = (path: string, type: 'file' | 'directory', mode: number, content: Buffer) => {
    const number = tree.addMissing(path, type);
    const size = content.length;
    const entry = { path, type, mode, size, uid: 0, gid: 0, mtime: 0, target: '', attributes: new Map() };
    if (number !== undefined) added.set(number, { entry, content });
  };
  for (const [path, content] of Object.entries(files)) add(path, 'file', 0o644, Buffer.from(content));
  for (const [path, type, mode] of bare ? [] : MOUNT_POINTS) add(path, type, mode, Buffer.alloc(0));
  return added;
}

/**
 * A tar archive of the entries that are added to a root. The host pulls the image itself and lays it over them. The
 * last entry is an empty file `complete`.
 */
export async function* addedTar(extras: RootExtras): AsyncGenerator<Buffer> {
  for (const { entry, content } of addEntries(new RootTree(false), extras).values()) {
    yield tarHeader(entry);
    yield content;
    yield Buffer.alloc(paddingOf(content.length));
  }
  yield fileHeader('complete', 0);
  yield END_OF_TAR;
}
