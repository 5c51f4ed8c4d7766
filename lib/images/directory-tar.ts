import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, realpathSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { paddingOf, type TarEntry, type TarType } from '../archives/tar-header';
import { END_OF_TAR, tarHeader } from '../archives/write-tar';
import { cached } from './cache';

/**
 * Makes a tar archive of a directory as the root of a system: its content with its modes, owned by root. The archive
 * depends on nothing else, such as the time or the owner. Returns its path, which stays valid until the next archive of
 * that directory.
 * @throws Error for anything except files, directories and symbolic links, and for files that can't be read
 */
export function directoryTar(directory: string): string {
  const root = realpathSync(directory);
  const name = createHash('sha256').update(root).digest('hex').slice(0, 32);
  return cached(`directory-${name}.tar`, (path) => {
    const archive = openSync(path, 'wx', 0o600);
    try {
      write(archive, root, '.');
      writeSync(archive, END_OF_TAR);
    } finally {
      closeSync(archive);
    }
  });
}

function write(archive: number, root: string, path: string): void {
  const file = join(root, path);
  const stats = lstatSync(file);
  const type: TarType | undefined = stats.isDirectory()
    ? 'directory'
    : stats.isSymbolicLink()
      ? 'symlink'
      : stats.isFile()
        ? 'file'
        : undefined;
  if (!type) throw new Error(`${path} is neither a file, a directory nor a symbolic link`);
  const size = type === 'file' ? stats.size : 0;
  // The mode of a link has no meaning, and systems report different ones.
  const mode = type === 'symlink' ? 0o777 : stats.mode & 0o7777;
  const target = type === 'symlink' ? readlinkSync(file, 'latin1') : '';
  const shown = Buffer.from(path).toString('latin1');
  const entry: TarEntry = { path: shown, type, size, mode, uid: 0, gid: 0, mtime: 0, target, attributes: new Map() };
  writeSync(archive, tarHeader(entry));
  if (type === 'file') copy(archive, file, size);
  if (type === 'directory') for (const name of readdirSync(file).sort()) write(archive, root, join(path, name));
}

function copy(archive: number, file: string, size: number): void {
  const source = openSync(file, 'r');
  const buffer = Buffer.allocUnsafe(1 << 20);
  try {
    for (let left = size; left > 0; ) {
      const length = readSync(source, buffer, 0, Math.min(left, buffer.length), null);
      if (length === 0) throw new Error(`${file} became shorter while it was read`);
      writeSync(archive, buffer, 0, length);
      left -= length;
    }
  } finally {
    closeSync(source);
  }
  writeSync(archive, Buffer.alloc(paddingOf(size)));
}
