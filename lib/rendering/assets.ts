import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Asset } from './service';

/** Makes a directory hold exactly these assets, each under its digest. What is there already is not copied again. */
export function writeAssets(directory: string, assets: readonly Asset[]): void {
  if (assets.length > 0) mkdirSync(directory, { recursive: true });
  else if (!existsSync(directory)) return;
  const wanted = new Map(assets.map((asset) => [asset.digest, asset.file]));
  for (const name of readdirSync(directory)) {
    if (!wanted.delete(name)) rmSync(join(directory, name), { recursive: true });
  }
  for (const [digest, file] of wanted) {
    // Renamed when complete, so that a digest is never the name of half a file. Costs no space where the file system
    // can share it.
    const temporary = join(directory, `${digest}.${process.pid}.tmp`);
    copyFileSync(file, temporary, constants.COPYFILE_FICLONE);
    renameSync(temporary, join(directory, digest));
  }
}
