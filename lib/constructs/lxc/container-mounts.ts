import type { NetworkFile } from '../network/network-access';
import { fail } from '../problem';
import { entry, pathInRoot } from '../props/mount-entry';
import { type MountedRoot, volumeIn } from '../props/mounted-root';
import type { Volume } from '../props/volumes';

/** A path, relative to the root of a container, and the source that is mounted there. */
interface MountPoint {
  readonly target: string;
  readonly source: string;
}

/** What a container mounts beside the file systems of every container. */
export interface ContainerMounts {
  readonly volumes: readonly Volume[];
  readonly secrets: readonly Volume[];
  /** Files of the network. */
  readonly files: readonly NetworkFile[];
  /** Directories in memory. */
  readonly inMemory: readonly (readonly [path: string, options: string])[];
  /** Device nodes of the host. */
  readonly devices: readonly string[];
}

/** Mounts of a container from the host, and how its unit prepares them. */
export interface HostMounts {
  /** Mount points in the root, with their sources. */
  readonly points: readonly MountPoint[];
  /** Sources that the unit mounts unchanged. The container could not reach all of them on the host. */
  readonly plain: readonly string[];
  /** Sources that the unit mounts with their owners mapped. */
  readonly mapped: readonly string[];
  /** lxc.mount.entry of the volumes, secrets, directories in memory and devices. */
  readonly added: readonly string[];
  /** lxc.mount.entry of the files of the network. */
  readonly network: readonly string[];
}

/**
 * Mounts of a container. Files of constructs belong to root of the host, so their owners are not mapped.
 * @throws Error
 */
export function hostMounts(
  { volumes, secrets, files, inMemory, devices }: ContainerMounts,
  { directory, firstUser }: Pick<MountedRoot, 'directory' | 'firstUser'>,
): HostMounts {
  const bound = [...volumes, ...secrets];
  const mapped = bound.filter(({ from }) => firstUser !== undefined && from === undefined);
  const plain = [...files, ...bound.filter((volume) => !mapped.includes(volume))];
  const all: readonly NetworkFile[] = [...plain, ...mapped];
  const temporary = inMemory.map(([path]) => pathInRoot(path));
  const isNew = newDirectories(temporary, bound);
  const mount = (file: NetworkFile, readOnly: boolean, kind: () => Kind) => {
    const created = isNew(pathInRoot(file.target)) ? [`create=${kind()}`] : [];
    return bind(volumeIn(directory, all.indexOf(file)), file.target, [readOnly ? 'ro' : 'rw', ...created]);
  };
  const kindOf = (volume: Volume) => (secrets.includes(volume) ? 'file' : kindOfVolume(volume));
  const memory = inMemory.map(([path, options]): MemoryMount => {
    const target = pathInRoot(path);
    // /dev itself is in memory.
    return { target, options, isNew: isNew(target) || target.startsWith('dev/') };
  });
  const entries = [
    ...memory.map((one) => ({ target: one.target, line: memoryEntry(one) })),
    ...bound.map((volume) => ({
      target: pathInRoot(volume.target),
      line: mount(volume, volume.readOnly, () => kindOf(volume)),
    })),
  ];
  // A directory in memory would hide the mounts that are already below it.
  if (memory.length > 0) entries.sort((one, other) => depthOf(one.target) - depthOf(other.target));
  return {
    points: [
      ...bound
        .map(({ target, source }) => ({ target: pathInRoot(target), source }))
        .filter(({ target }) => !isNew(target)),
      // Any directory will do as the source. It only says that the mount point is a directory.
      ...memory.filter((one) => !one.isNew).map(({ target }) => ({ target, source: '/' })),
    ],
    plain: plain.map(({ source }) => source),
    mapped: mapped.map(({ source }) => source),
    added: [...entries.map(({ line }) => line), ...devices.map(deviceEntry)],
    network: files.map((file) => mount(file, true, () => 'file')),
  };
}

interface MemoryMount {
  readonly target: string;
  readonly options: string;
  /** Whether LXC must create the mount point. */
  readonly isNew: boolean;
}

type Kind = 'file' | 'dir';

/**
 * Whether the directory of a mount point is in memory, and so empty at each start. LXC itself must create the mount
 * point there. It can, since no link leads out of an empty directory.
 */
function newDirectories(temporary: readonly string[], volumes: readonly Volume[]): (target: string) => boolean {
  const targets = [...temporary, ...volumes.map(({ target }) => pathInRoot(target))];
  return (target) => {
    const around = targets.filter((other) => target.startsWith(`${other}/`));
    const [nearest] = around.sort((one, other) => other.length - one.length);
    return nearest !== undefined && temporary.includes(nearest);
  };
}

/** @throws Error for a path of the host, of which only the host knows whether it is a directory */
function kindOfVolume({ source, target, from, shared, at }: Volume): Kind {
  const construct = from ?? shared;
  if (construct) return construct.mountKind === 'directory' ? 'dir' : 'file';
  return fail({
    action: 'mount',
    value: `${source}:${target}`,
    problem: 'the target is in a directory of tmpfs, where LXC must know whether to create a file or a directory',
    expected: 'a Directory, ConfigFile or ConfigDirectory as source, or a target outside of tmpfs',
    at,
  });
}

function memoryEntry({ target, options, isNew }: MemoryMount): string {
  const all = ['nosuid', 'nodev', ...(options ? [options] : []), ...(isNew ? ['create=dir'] : [])];
  return entry('tmpfs', target, 'tmpfs', all.join(','));
}

function deviceEntry(path: string): string {
  return entry(path, pathInRoot(path), 'none', 'bind,rprivate,nosuid,rw,create=file');
}

const depthOf = (target: string) => target.split('/').length;

function bind(source: string, target: string, options: readonly string[]): string {
  return entry(source, pathInRoot(target), 'none', ['bind,rprivate,nosuid,nodev', ...options].join(','));
}
