import { chmodSync, type Dirent, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A directory's content by name: texts of files, and directories. */
export type Tree = Map<string, string | Tree>;

/** Keeps others on this machine from what is in a directory: values of services are. */
export function makePrivate(directory: string): void {
  chmodSync(directory, 0o700);
}

/** Puts a file into a tree, at its path inside of it. */
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
 * Makes a directory hold exactly this, but for the names to keep at its top. A file that says the same already is left
 * alone: to make one takes ten times as long as to read it.
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
