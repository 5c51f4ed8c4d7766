import type { NetworkFile } from '../network/network-access';
import { type MountedRoot, volumeIn } from '../props/mounted-root';
import type { Volume } from '../props/volumes';

/** An empty directory that the container sees at a path of its root. */
const temporaryIn = (directory: string, path: string) => `${directory}/mounts/temporary/${path.replaceAll('/', '-')}`;

/** A path that a container mounts something on, relative to its root, and what it mounts there. */
interface MountPoint {
  readonly target: string;
  readonly source: string;
}

/**
 * lxc.mount.entry of every container: empty file systems for what it writes, and for what tells about the host.
 * @param unprivileged Who has a user namespace of its own sees the host's /sys, since it can mount no other.
 */
export function usualMounts(directory: string, unprivileged: boolean): string[] {
  const temporary = ['run', 'tmp', 'var/tmp'].map((path) =>
    entry(temporaryIn(directory, path), path, 'none', 'bind,rprivate,nosuid,nodev'),
  );
  return [
    // Not private, what is mounted below it in the container would be mounted on the host.
    ...(unprivileged ? [entry('/sys', 'sys', 'none', 'rbind,rprivate,ro,nosuid,nodev,noexec')] : []),
    ...['sys/fs', 'sys/firmware'].map((path) => entry('tmpfs', path, 'tmpfs', 'ro,size=0,optional')),
    entry('tmpfs', 'dev/shm', 'tmpfs', 'nosuid,nodev,noexec,mode=1777,size=65536k,create=dir'),
    entry('mqueue', 'dev/mqueue', 'mqueue', 'nosuid,nodev,noexec,create=dir'),
    ...MASKED.map((path) => entry('/dev/null', path, 'none', 'bind,ro,optional')),
    ...temporary,
  ];
}

/** Files of the kernel that tell about the host. */
const MASKED = ['proc/kcore', 'proc/keys', 'proc/latency_stats', 'proc/timer_list', 'proc/sched_debug'];

/** What a container mounts of the host, and how its unit prepares that. */
export interface HostMounts {
  /** Paths of the root that are mounted on, and what is mounted there. */
  readonly points: readonly MountPoint[];
  /** Sources that the unit mounts as they are. The container could not reach all of them on the host. */
  readonly plain: readonly string[];
  /** Sources that the unit mounts with their owners mapped. */
  readonly mapped: readonly string[];
  /** lxc.mount.entry of volumes, and of the files of the network. */
  readonly volumes: readonly string[];
  readonly network: readonly string[];
}

/** Volumes and files of the network of a container. What constructs made is root's, so its owners are not mapped. */
export function hostMounts(
  volumes: readonly Volume[],
  files: readonly NetworkFile[],
  { directory, firstUser }: Pick<MountedRoot, 'directory' | 'firstUser'>,
): HostMounts {
  const mapped = volumes.filter(({ from }) => firstUser !== undefined && from === undefined);
  const plain = [...files, ...volumes.filter((volume) => !mapped.includes(volume))];
  const all: readonly NetworkFile[] = [...plain, ...mapped];
  const mount = (file: NetworkFile, readOnly: boolean) =>
    bind(volumeIn(directory, all.indexOf(file)), file.target, readOnly);
  return {
    points: volumes.map(({ target, source }) => ({ target: pathInRoot(target), source })),
    plain: plain.map(({ source }) => source),
    mapped: mapped.map(({ source }) => source),
    volumes: volumes.map((volume) => mount(volume, volume.readOnly)),
    network: files.map((file) => mount(file, true)),
  };
}

function bind(source: string, target: string, readOnly: boolean): string {
  return entry(source, pathInRoot(target), 'none', `bind,rprivate,nosuid,nodev,${readOnly ? 'ro' : 'rw'}`);
}

/** A target as LXC wants it: below the root, without a slash in front. That of a value that is not known yet stays. */
function pathInRoot(target: string): string {
  if (!target.startsWith('/')) return `./${target}`;
  return target.replace(/^\/+|\/+$/g, '').replace(/\/{2,}/g, '/');
}

function entry(source: string, target: string, type: string, options: string): string {
  return [source, target, type, options, '0', '0'].map(escaped).join(' ');
}

/** What fstab(5) wants of blanks and backslashes. */
function escaped(field: string): string {
  return field.replace(/[\\ \t\n]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
