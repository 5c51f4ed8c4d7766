import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalProcess } from './signal';

/**
 * Where a lab's processes live. A kernel gives each controller to one hierarchy only, so a machine that has them on
 * version 1 gets a lab with version 1 controllers beside an empty version 2 tree, and its limits work.
 */
export interface LabCgroups {
  /** The lab's own directory in each hierarchy. */
  readonly directories: readonly string[];
  /** Version 1 hierarchies to mount in the lab, as `<directory>:<mount options>`; none on a pure version 2 machine. */
  readonly version1: readonly string[];
}

/**
 * @param mounts Content of /proc/mounts.
 * @throws Error when no version 2 hierarchy is mounted.
 */
export function labCgroups(mounts: string, name: string): LabCgroups {
  const fields = mounts.split('\n').map((line) => line.split(' '));
  // Mounts elsewhere are copies that containers and sandboxes made for themselves.
  const found = (type: string) =>
    fields.filter(([, path, fstype]) => fstype === type && /^\/sys\/fs\/cgroup(\/[^/]+)?$/.test(path ?? ''));
  const version2 = found('cgroup2')[0]?.[1];
  if (!version2) {
    throw new Error('Cannot start a lab: no cgroup2 is mounted at /sys/fs/cgroup, expected a Linux with cgroup2');
  }
  const version1 = new Map(found('cgroup').map(([, path = '', , options = '']) => [path, options]));
  return {
    directories: [...version1.keys(), version2].map((path) => join(path, name)),
    version1: [...version1].map(([path, options]) => {
      const hierarchy = path.slice(path.lastIndexOf('/') + 1);
      const named = options.split(',').find((option) => option.startsWith('name='));
      return `${hierarchy}:${named ? `none,${named}` : hierarchy}`;
    }),
  };
}

export async function createCgroups({ directories, version1 }: LabCgroups): Promise<void> {
  for (const directory of directories) {
    const parent = join(directory, '..');
    // crun refuses a version 2 tree that has controllers where version 1 has the others.
    if (version1.length === 0) await passControllersDown(parent);
    await mkdir(directory, { recursive: true });
    // A new version 1 cpuset is empty and takes no process until it is filled in.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const value = await readFile(join(parent, file), 'utf8').catch(() => '');
      if (value.trim()) await writeFile(join(directory, file), value);
    }
  }
}

/** Version 2 gives a child only the controllers that its parent passes on. */
async function passControllersDown(parent: string): Promise<void> {
  const controllers = await readFile(join(parent, 'cgroup.controllers'), 'utf8').catch(() => '');
  for (const controller of controllers.trim().split(' ').filter(Boolean)) {
    // One that can't be passed on is one that the lab goes without.
    await writeFile(join(parent, 'cgroup.subtree_control'), `+${controller}`).catch(() => undefined);
  }
}

/** Whether podman in the lab can set a limit on the number of processes. */
export async function hasPidsController(cgroups: LabCgroups): Promise<boolean> {
  if (cgroups.version1.some((hierarchy) => hierarchy.startsWith('pids:'))) return true;
  const files = cgroups.directories.map((directory) => join(directory, 'cgroup.controllers'));
  const controllers = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return controllers.join(' ').split(/\s+/).includes('pids');
}

/**
 * Kills every process in the directories and removes them. Processes that were killed need a moment to end.
 * @throws Error when one does not end in time.
 */
export async function destroyCgroups({ directories }: LabCgroups, timeoutSec = 20): Promise<void> {
  const deadline = Date.now() + timeoutSec * 1000;
  for (;;) {
    const pids = new Set((await Promise.all(directories.map(processesIn))).flat());
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    await Promise.all(directories.map(thaw));
    const removed = await Promise.all(directories.map(removeEmpty));
    if (removed.every(Boolean)) return;
    if (Date.now() > deadline) {
      throw new Error(
        `Cannot stop the lab: process ${[...pids].join(', ')} does not end, in ${directories.join(', ')}`,
      );
    }
    await sleep(20);
  }
}

async function processesIn(directory: string): Promise<number[]> {
  const own = await readFile(join(directory, 'cgroup.procs'), 'utf8').catch(() => '');
  const below = await Promise.all((await subdirectories(directory)).map(processesIn));
  return [...own.split('\n').map(Number).filter(Boolean), ...below.flat()];
}

/** In version 1, what is frozen, such as a container that is paused, ends only once it is thawed. */
async function thaw(directory: string): Promise<void> {
  await writeFile(join(directory, 'freezer.state'), 'THAWED', { flag: 'r+' }).catch(() => undefined);
  for (const child of await subdirectories(directory)) await thaw(child);
}

async function removeEmpty(directory: string): Promise<boolean> {
  for (const child of await subdirectories(directory)) await removeEmpty(child);
  return rmdir(directory).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

async function subdirectories(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name));
}
