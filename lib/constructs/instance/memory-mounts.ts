import type { FilePart } from '../../manifest/index';
import { fail } from '../problem';
import { entry, pathInRoot } from '../props/mount-entry';
import type { Volume } from '../props/volumes';
import { line } from './lxc-lines';

/** Directories in memory of an instance. */
export interface InMemory {
  /** Each directory of the props, with its mount options. */
  readonly directories: readonly (readonly [path: string, options: string])[];
  readonly readOnlyRoot: boolean;
}

/** Directories that a program can write to in a read-only root. */
const BESIDE_ROOT = [
  ['/tmp', 'mode=1777'],
  ['/var/tmp', 'mode=1777'],
  ['/run', 'mode=755'],
] as const;

/**
 * File of the form of fstab(5) with the directories in memory, for lxc.mount.fstab. The engine writes the volumes as
 * lxc.mount.entry before the lines of `raw.lxc`. LXC mounts fstab first, so a directory in memory can't hide a volume.
 * @returns undefined without directories in memory
 * @throws Error for a path with a line break
 */
export function memoryFile({ directories, readOnlyRoot }: InMemory, at: string): FilePart | undefined {
  const asked = directories.map(([path, options], index) => ({
    target: pathInRoot(line(path, `tmpfs[${index}]`, at)),
    options: line(options, `tmpfs[${index}]`, at),
  }));
  const usual = BESIDE_ROOT.map(([path, options]) => ({ target: pathInRoot(path), options }));
  const added = readOnlyRoot ? usual.filter(({ target }) => asked.every((one) => one.target !== target)) : [];
  const all = [...added, ...asked];
  if (all.length === 0) return undefined;
  // A directory in memory would hide the one that is already below it.
  all.sort((one, other) => depthOf(one.target) - depthOf(other.target));
  const lines = all.map(({ target, options }) =>
    entry('tmpfs', target, 'tmpfs', ['nosuid', 'nodev', ...(options ? [options] : []), 'create=dir'].join(',')),
  );
  return { content: `${lines.join('\n')}\n`, mode: '0644', owner: 'root', group: 'root' };
}

/** Refuses a directory in memory in a volume. LXC mounts the volume later, over the directory. @throws Error */
export function checkVolumes(tmpfs: InMemory['directories'], volumes: readonly Volume[], at: string): void {
  for (const [index, [path]] of tmpfs.entries()) {
    const over = volumes.find(({ target }) => `${pathInRoot(path)}/`.startsWith(`${pathInRoot(target)}/`));
    if (over)
      fail({
        action: 'mount',
        value: path,
        problem: `the volume on ${over.target} is mounted over it`,
        expected: 'a path outside of volumes',
        at: `${at}.tmpfs[${index}]`,
      });
  }
}

const depthOf = (target: string) => target.split('/').length;
