import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// A byte order mark is kept, like any other text.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Files of a directory that somebody else may have written. No link is followed. */
export class Inside {
  private readonly directories = new Set<string>();

  constructor(readonly directory: string) {}

  /**
   * Text of a file at a path below the directory.
   * @throws Error when it is missing, is not a file, is below a link, is too large, or is not UTF-8
   */
  text(path: string, maxBytes: number): string {
    const names = path.split('/');
    for (let depth = 1; depth < names.length; depth++) this.checkDirectory(names.slice(0, depth).join('/'));
    const bytes = this.bytes(path, maxBytes);
    try {
      return UTF8.decode(bytes);
    } catch {
      throw new Error(`${path} is not valid UTF-8, expected text`);
    }
  }

  /** Checks that a path is a directory, or does not exist. @throws Error for a link */
  checkDirectory(path: string): void {
    if (this.directories.has(path)) return;
    const stats = lstatSync(join(this.directory, path), { throwIfNoEntry: false });
    if (stats && !stats.isDirectory())
      throw new Error(`${path} is ${stats.isSymbolicLink() ? 'a link' : 'not a directory'}, expected a directory`);
    this.directories.add(path);
  }

  private bytes(path: string, maxBytes: number): Buffer {
    const descriptor = this.open(path);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw new Error(`${path} is not a regular file, expected a file`);
      if (stats.size > maxBytes) throw new Error(`${path} has ${stats.size} bytes, expected at most ${maxBytes}`);
      return readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  private open(path: string): number {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    try {
      return openSync(join(this.directory, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const problem = { ENOENT: 'is missing', ELOOP: 'is a link' }[code ?? ''] ?? `can't be read (${code})`;
      throw new Error(`${path} ${problem}, expected a file`);
    }
  }
}
