import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readlink, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { command, succeeds } from './command';
import { labCache } from './paths';

/** For how long a root filesystem is kept that no lab uses. */
const KEEP_DAYS = 7;

/** Held while a root filesystem is built or removed. */
export function lockOf(directory: string): string {
  return join(dirname(directory), `.${basename(directory)}.lock`);
}

/** Where a root filesystem is built. */
export function unfinishedOf(directory: string): string {
  return join(dirname(directory), `.${basename(directory)}.unfinished`);
}

/** The labs that use a root filesystem. Its modification time says when one was last added or removed. */
export function usesOf(directory: string): string {
  return join(directory, 'labs');
}

/** The link to the state of one lab that uses a root filesystem. */
export function useLink(directory: string, state: string): string {
  return join(usesOf(directory), createHash('sha256').update(state).digest('hex').slice(0, 16));
}

/** All root filesystems in the cache. */
export async function rootfsDirectories(): Promise<string[]> {
  return (await entries()).filter((name) => !name.startsWith('.')).map((name) => join(labCache(), name));
}

/** Removes what no lab uses and nobody has asked for in a while, and what builds left that were cut off. */
export async function pruneCache(keep: readonly string[]): Promise<void> {
  for (const directory of await rootfsDirectories()) {
    if (!keep.includes(directory) && !(await inUse(directory))) await removeUnlocked(directory, directory);
  }
  for (const name of await entries()) {
    const built = name.match(/^\.(.+)\.unfinished$/)?.[1];
    if (built) await removeUnlocked(join(labCache(), built), join(labCache(), name));
  }
}

async function inUse(directory: string): Promise<boolean> {
  const uses = usesOf(directory);
  const labs = await readdir(uses).catch(() => []);
  const states = await Promise.all(labs.map((lab) => readlink(join(uses, lab)).catch(() => '')));
  if (states.some((state) => existsSync(state))) return true;
  const { mtimeMs } = await stat(uses).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < KEEP_DAYS * 24 * 3600 * 1000;
}

/** Removes a tree unless somebody holds the lock of the root filesystem. */
async function removeUnlocked(directory: string, tree: string): Promise<void> {
  await succeeds(['flock', '--nonblock', lockOf(directory), 'rm', '-rf', '--one-file-system', tree]);
}

async function entries(): Promise<string[]> {
  const found = await readdir(labCache(), { withFileTypes: true }).catch(() => []);
  return found.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Stays on one file system, so that nothing which is mounted below can be harmed. */
export async function removeTree(path: string): Promise<void> {
  const remove = ['rm', '-rf', '--one-file-system', path] as const;
  if (await succeeds(remove)) return;
  // In the practice host, images of machined can be immutable.
  await succeeds([
    'find',
    path,
    '-xdev',
    '(',
    '-type',
    'd',
    '-o',
    '-type',
    'f',
    ')',
    '-exec',
    'chattr',
    '-f',
    '-i',
    '--',
    '{}',
    '+',
  ]);
  await command(remove);
}
