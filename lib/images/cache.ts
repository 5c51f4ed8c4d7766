import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Directory of the images that this machine has made. Only its owner can open it. */
export function imageCache(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const directory = join(base, 'bulkhead', 'images');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/** Makes a file in the cache. The file gets its name once it is complete. Returns its path. */
export function cached(name: string, make: (path: string) => void): string {
  const path = join(imageCache(), name);
  const unfinished = `${path}.${process.pid}`;
  try {
    make(unfinished);
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return path;
}
