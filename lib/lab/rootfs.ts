import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from './command';
import { DEBIAN_INPUTS, installDebian } from './debian';
import { addPackages, EXTRA_PACKAGES_INPUTS } from './extra-packages';
import { type LabImages, testImage } from './images';
import { withLock } from './lock';
import { labCache } from './paths';
import type { Progress } from './progress';
import { lockOf, pruneCache, removeTree, rootfsDirectories, unfinishedOf, useLink, usesOf } from './rootfs-cache';

/** What all labs have in common, in a directory of the cache. */
export interface Rootfs {
  readonly directory: string;
  /** A Debian that no lab writes to. */
  readonly root: string;
}

/** Where the root filesystem of this version of Bulkhead lies once it is built, without packages of anybody's choice. */
export function baseRootfs(): Rootfs {
  // Of the image, all but BusyBox itself is decided here.
  return rootfsOf(DEBIAN_INPUTS, testImage(Buffer.alloc(0), []).ociArchive);
}

/** Archives of the test image; they lie beside the base. */
export function imagesOf({ directory }: Rootfs): LabImages {
  return { tar: join(directory, 'busybox.tar'), ociArchive: join(directory, 'busybox.oci.tar') };
}

export function rootfsAt(directory: string): Rootfs {
  return { directory, root: join(directory, 'root') };
}

/** Addressed by what decides its content, so that one is never mistaken for another. */
function rootfsOf(...inputs: readonly (string | Buffer)[]): Rootfs {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input);
  return rootfsAt(join(labCache(), hash.digest('hex').slice(0, 16)));
}

/**
 * The root filesystem with these packages, which is built unless it is in the cache. It stays there as long as the
 * directory `state` exists.
 * @param packages Names in alphabetical order, each once.
 */
export async function takeRootfs(
  state: string,
  packages: readonly string[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<Rootfs> {
  const base = baseRootfs();
  await ensure(base, (unfinished) => buildBase(unfinished, progress, signal), progress, signal);
  const rootfs = packages.length > 0 ? rootfsOf(base.directory, EXTRA_PACKAGES_INPUTS, packages.join()) : base;
  if (rootfs !== base) {
    const build = ({ root }: Rootfs) => addPackages(base.root, root, packages, progress, signal);
    await ensure(rootfs, build, progress, signal);
  }
  await rm(useLink(rootfs.directory, state), { force: true });
  await symlink(state, useLink(rootfs.directory, state));
  return rootfs;
}

/** Tells the cache that a lab is gone. */
export async function releaseRootfs(state: string): Promise<void> {
  for (const directory of await rootfsDirectories()) await rm(useLink(directory, state), { force: true });
}

/** Builds a root filesystem that is not in the cache. It appears there at once or, when `build` fails, not at all. */
async function ensure(
  rootfs: Rootfs,
  build: (unfinished: Rootfs) => Promise<void>,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const { directory } = rootfs;
  const work = async () => {
    if (!existsSync(directory)) {
      const unfinished = rootfsAt(unfinishedOf(directory));
      await removeTree(unfinished.directory);
      await mkdir(usesOf(unfinished.directory), { recursive: true });
      try {
        await build(unfinished);
        await rename(unfinished.directory, directory);
      } catch (error) {
        await removeTree(unfinished.directory);
        throw error;
      }
      await pruneCache([baseRootfs().directory, directory]);
    }
    // Nobody prunes what was asked for a moment ago.
    await utimes(usesOf(directory), new Date(), new Date());
  };
  if (existsSync(directory)) return work();
  return withLock(lockOf(directory), work, signal, () =>
    progress('waiting for another lab, which builds the same root filesystem'),
  );
}

async function buildBase(unfinished: Rootfs, progress: Progress, signal?: AbortSignal): Promise<void> {
  await installDebian(unfinished.root, progress, signal);
  const applets = await command(['chroot', unfinished.root, '/bin/busybox', '--list'], { signal });
  const busybox = await readFile(join(unfinished.root, 'bin', 'busybox'));
  const content = testImage(busybox, applets.trim().split('\n'));
  const images = imagesOf(unfinished);
  await writeFile(images.tar, content.tar);
  await writeFile(images.ociArchive, content.ociArchive);
}
