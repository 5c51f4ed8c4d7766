import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from './command';
import { DEBIAN_INPUTS, installDebian } from './debian';
import { type LabImages, testImage } from './images';
import { withLock } from './lock';
import { labCache } from './paths';

/** What all labs have in common, in a directory of the cache. */
export interface Rootfs {
  readonly directory: string;
  /** A Debian that no lab writes to. */
  readonly root: string;
  readonly images: LabImages;
}

/** Where the root filesystem of this version of Bulkhead lies once it is built. */
export function currentRootfs(): Rootfs {
  const hash = createHash('sha256').update(DEBIAN_INPUTS);
  // Of the image, all but BusyBox itself is decided here.
  hash.update(testImage(Buffer.alloc(0), []).ociArchive);
  return rootfsAt(join(labCache(), hash.digest('hex').slice(0, 16)));
}

export function rootfsAt(directory: string): Rootfs {
  return {
    directory,
    root: join(directory, 'root'),
    images: { tar: join(directory, 'busybox.tar'), ociArchive: join(directory, 'busybox.oci.tar') },
  };
}

/**
 * Builds the root filesystem unless it is in the cache, and hands it to `make`, which makes the directory `state`. It
 * stays in the cache as long as that exists.
 */
export function withRootfs<T>(
  state: string,
  make: (rootfs: Rootfs) => Promise<T>,
  progress: (message: string) => void,
  signal?: AbortSignal,
): Promise<T> {
  const work = async () => {
    const rootfs = currentRootfs();
    if (!existsSync(rootfs.directory)) {
      await build(rootfs, progress, signal);
      await prune(rootfs);
    }
    await rm(useLink(rootfs.directory, state), { force: true });
    await symlink(state, useLink(rootfs.directory, state));
    return make(rootfs);
  };
  return withLock(join(labCache(), '.lock'), work, signal);
}

/** Tells the cache that a lab is gone. */
export async function releaseRootfs(state: string): Promise<void> {
  for (const directory of await cached()) await rm(useLink(directory, state), { force: true });
}

/** A link for each lab that uses a root filesystem, to the lab's state. */
function useLink(directory: string, state: string): string {
  return join(directory, 'labs', createHash('sha256').update(state).digest('hex').slice(0, 16));
}

async function build(rootfs: Rootfs, progress: (message: string) => void, signal?: AbortSignal): Promise<void> {
  const unfinished = rootfsAt(join(labCache(), '.unfinished'));
  await removeTree(unfinished.directory);
  await mkdir(join(unfinished.directory, 'labs'), { recursive: true });
  await installDebian(unfinished.root, progress, signal);
  const applets = await command(['chroot', unfinished.root, '/bin/busybox', '--list'], { signal });
  const busybox = await readFile(join(unfinished.root, 'bin', 'busybox'));
  const image = testImage(busybox, applets.trim().split('\n'));
  await writeFile(unfinished.images.tar, image.tar);
  await writeFile(unfinished.images.ociArchive, image.ociArchive);
  await rename(unfinished.directory, rootfs.directory);
}

/** Removes what earlier versions left in the cache and no lab uses. */
async function prune(current: Rootfs): Promise<void> {
  for (const directory of await cached()) {
    if (directory === current.directory) continue;
    const labs = await readdir(join(directory, 'labs')).catch(() => []);
    const states = await Promise.all(labs.map((lab) => readlink(join(directory, 'labs', lab))));
    if (!states.some((state) => existsSync(state))) await removeTree(directory);
  }
}

async function cached(): Promise<string[]> {
  const entries = await readdir(labCache(), { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(labCache(), entry.name));
}

/** Stays on one file system, so that nothing which is mounted below can be harmed. */
export async function removeTree(path: string): Promise<void> {
  await command(['rm', '-rf', '--one-file-system', path]);
}
