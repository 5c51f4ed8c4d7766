import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Asset } from './service';

/**
 * Makes a directory hold exactly these assets, each under its digest. What is there already is not copied again.
 * Returns them as they lie there.
 */
export function copyAssets(directory: string, assets: readonly Asset[]): Asset[] {
  // Costs no space where the file system can share it.
  return place(directory, assets, (file, target) => copyFileSync(file, target, constants.COPYFILE_FICLONE));
}

/** The same for assets that nobody changes, which need no copy on the same file system. */
export function linkAssets(directory: string, assets: readonly Asset[]): Asset[] {
  return place(directory, assets, (file, target) => {
    try {
      linkSync(file, target);
    } catch {
      copyFileSync(file, target, constants.COPYFILE_FICLONE);
    }
  });
}

function place(directory: string, assets: readonly Asset[], put: (file: string, target: string) => void): Asset[] {
  if (assets.length > 0) mkdirSync(directory, { recursive: true });
  else if (!existsSync(directory)) return [];
  const wanted = new Map(assets.map((asset) => [asset.digest, asset.file]));
  for (const name of readdirSync(directory)) {
    const file = wanted.get(name);
    if (file !== undefined && isCopy(join(directory, name), file)) wanted.delete(name);
    else rmSync(join(directory, name), { recursive: true });
  }
  for (const [digest, file] of wanted) {
    // Renamed when complete, so that a digest is never the name of half a file.
    const temporary = join(directory, `${digest}.${process.pid}.tmp`);
    put(file, temporary);
    renameSync(temporary, join(directory, digest));
  }
  return assets.map(({ digest }) => ({ digest, file: join(directory, digest) }));
}

/** Whether a file is likely to be the copy that was made of another. Its digest is checked before it is sent. */
function isCopy(copy: string, file: string): boolean {
  const there = lstatSync(copy);
  return there.isFile() && there.size === statSync(file).size;
}
