import { randomBytes } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { command } from './command';
import { type HostIdentity, identityFiles, writeHostFiles } from './host-files';
import type { LabPaths } from './paths';
import type { Progress } from './progress';
import { type LabRecord, writeRecord } from './record';
import { releaseRootfs, takeRootfs } from './rootfs';
import { removeTree } from './rootfs-cache';

const OVERLAYFS = 0x794c7630;

/**
 * Makes the state of a lab: its keys and an empty disk over the common root filesystem. All of it appears at once.
 * @param packages Debian packages in the root filesystem, in alphabetical order, each once.
 */
export async function createState(
  paths: LabPaths,
  packages: readonly string[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<LabRecord> {
  const home = dirname(paths.state);
  await mkdir(home, { recursive: true });
  if (statfsSync(home).type === OVERLAYFS) {
    throw new Error(
      `Cannot create a lab in "${home}": it is on an overlay, expected a file system that an overlay can use; ` +
        'set BULKHEAD_LAB_HOME to a directory on a volume',
    );
  }
  const rootfs = await takeRootfs(paths.state, packages, progress, signal);
  progress('making a disk');
  const state = unfinishedState(paths);
  await removeTree(state);
  await makeDisk(join(state, 'disk'), rootfs.root, signal);
  await writeHostFiles(join(state, 'disk', 'upper'), identityFiles(await makeIdentity(state, paths)));
  // The mount point.
  await mkdir(join(state, 'root'));
  const record = { rootfs: rootfs.directory, packages, subnet: 0 };
  await writeRecord(state, record);
  await rename(state, paths.state);
  return record;
}

async function makeDisk(disk: string, root: string, signal?: AbortSignal): Promise<void> {
  for (const directory of ['upper', 'work']) await mkdir(join(disk, directory), { recursive: true });
  const writable = ['var', 'home', 'srv'].map((directory) => join(root, directory));
  await command(['cp', '-a', ...writable, disk], { signal });
}

async function makeIdentity(state: string, { name, hostname }: LabPaths): Promise<HostIdentity> {
  const directory = join(state, 'ssh');
  await mkdir(directory);
  const keyPair = async (file: string) => {
    const path = join(directory, file);
    await command(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', `lab ${name}`, '-f', path]);
    return { private: await readFile(path, 'utf8'), public: await readFile(`${path}.pub`, 'utf8') };
  };
  return {
    hostname,
    machineId: randomBytes(16).toString('hex'),
    authorizedKey: (await keyPair('id_ed25519')).public,
    hostKey: await keyPair('ssh_host_ed25519_key'),
  };
}

/** Removes the state, or what was left of it when making or removing it was cut short. */
export async function removeState(paths: LabPaths): Promise<void> {
  // Renamed first, so that it is never mistaken for a whole one.
  await removeTree(unfinishedState(paths));
  await rename(paths.state, unfinishedState(paths)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await removeTree(unfinishedState(paths));
  await releaseRootfs(paths.state);
}

function unfinishedState({ state }: LabPaths): string {
  return join(dirname(state), `.${basename(state)}.unfinished`);
}
