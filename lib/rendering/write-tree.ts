import { chmodSync, type Dirent, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The content of a directory by name: texts of files, and directories. */
export type Tree = Map<string, string | Tree>;

/** Hides the content of a directory from other users of this machine, since it has values of services. */
export function makePrivate(directory: string): void {
  chmodSync(directory, 0o700);
}

/** Adds a file to a tree, at its path. */
export function addFile(tree: Tree, path: string, text: string): void {
  const names = path.split('/').filter((name) => name !== '');
  const file = names.pop() ?? '';
  let directory = tree;
  for (const name of names) {
    const there = directory.get(name);
    const next: Tree = there instanceof Map ? there : new Map();
    directory.set(name, next);
    directory = next;
  }
  directory.set(file, text);
}

/**
 * Gives a directory exactly this content, except for the names in `keep` at its top level. A file that has the right
 * content already is not written: writing takes ten times as long as reading.
 */
export function writeTree(directory: string, tree: Tree, keep: readonly string[] = []): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const there = new Map(readdirSync(directory, { withFileTypes: true }).map((entry) => [entry.name, entry]));
  for (const [name, entry] of there) {
    if (!keep.includes(name) && !fits(entry, tree.get(name))) rmSync(join(directory, name), { recursive: true });
  }
  for (const [name, node] of tree) {
    const path = join(directory, name);
    if (typeof node !== 'string') writeTree(path, node);
    else if (!there.get(name)?.isFile() || readFileSync(path, 'utf8') !== node)
      writeFileSync(path, node, { mode: 0o600 });
  }
}

function fits(entry: Dirent, node: string | Tree | undefined): boolean {
  return typeof node === 'string' ? entry.isFile() : node !== undefined && entry.isDirectory();
}
