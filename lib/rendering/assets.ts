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
 * Gives a directory exactly these assets, each under its digest. Existing ones are not copied again. Returns the assets
 * with their paths there.
 */
export function copyAssets(directory: string, assets: readonly Asset[]): Asset[] {
  // Uses no space if the file system can share the content.
  return place(directory, assets, (file, target) => copyFileSync(file, target, constants.COPYFILE_FICLONE));
}

/** Like {@link copyAssets}, for assets that nobody changes, which need no copy on the same file system. */
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
    // Renamed when complete, so that a digest never names an incomplete file.
    const temporary = join(directory, `${digest}.${process.pid}.tmp`);
    put(file, temporary);
    renameSync(temporary, join(directory, digest));
  }
  return assets.map(({ digest }) => ({ digest, file: join(directory, digest) }));
}

/** Whether a file is probably a copy of another. Its digest is checked before it is sent. */
function isCopy(copy: string, file: string): boolean {
  const there = lstatSync(copy);
  return there.isFile() && there.size === statSync(file).size;
}
