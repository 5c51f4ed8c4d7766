import type { NetworkFile } from '../network/network-access';
import { type MountedRoot, volumeIn } from '../props/mounted-root';
import type { Volume } from '../props/volumes';

/** An empty directory that the container sees at a path of its root. */
const temporaryIn = (directory: string, path: string) => `${directory}/mounts/temporary/${path.replaceAll('/', '-')}`;

/** A path, relative to the root of a container, and the source that is mounted there. */
interface MountPoint {
  readonly target: string;
  readonly source: string;
}

/**
 * lxc.mount.entry of every container: empty file systems to write to, and empty ones over paths that expose the host.
 * @param unprivileged Whether the container has its own user namespace. Such a container can't mount a new sysfs, so it
 * sees the host's /sys.
 */
export function usualMounts(directory: string, unprivileged: boolean): string[] {
  const temporary = ['run', 'tmp', 'var/tmp'].map((path) =>
    entry(temporaryIn(directory, path), path, 'none', 'bind,rprivate,nosuid,nodev'),
  );
  return [
    // Without rprivate, a mount below /sys in the container would appear on the host.
    ...(unprivileged ? [entry('/sys', 'sys', 'none', 'rbind,rprivate,ro,nosuid,nodev,noexec')] : []),
    ...['sys/fs', 'sys/firmware'].map((path) => entry('tmpfs', path, 'tmpfs', 'ro,size=0,optional')),
    entry('tmpfs', 'dev/shm', 'tmpfs', 'nosuid,nodev,noexec,mode=1777,size=65536k,create=dir'),
    entry('mqueue', 'dev/mqueue', 'mqueue', 'nosuid,nodev,noexec,create=dir'),
    ...MASKED.map((path) => entry('/dev/null', path, 'none', 'bind,ro,optional')),
    ...temporary,
  ];
}

/** Kernel files that expose the host. */
const MASKED = ['proc/kcore', 'proc/keys', 'proc/latency_stats', 'proc/timer_list', 'proc/sched_debug'];

/** Mounts of a container from the host, and how its unit prepares them. */
export interface HostMounts {
  /** Mount points in the root, with their sources. */
  readonly points: readonly MountPoint[];
  /** Sources that the unit mounts unchanged. The container could not reach all of them on the host. */
  readonly plain: readonly string[];
  /** Sources that the unit mounts with their owners mapped. */
  readonly mapped: readonly string[];
  /** lxc.mount.entry of the volumes, and of the files of the network. */
  readonly volumes: readonly string[];
  readonly network: readonly string[];
}

/**
 * Volumes and network files of a container. Files of constructs belong to root of the host, so their owners are not
 * mapped.
 */
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

/**
 * A target in LXC's form: relative to the root, without a leading slash. A value that is not known yet stays as it is.
 */
function pathInRoot(target: string): string {
  if (!target.startsWith('/')) return `./${target}`;
  return target.replace(/^\/+|\/+$/g, '').replace(/\/{2,}/g, '/');
}

function entry(source: string, target: string, type: string, options: string): string {
  return [source, target, type, options, '0', '0'].map(escaped).join(' ');
}

/** Escapes blanks and backslashes as in fstab(5). */
function escaped(field: string): string {
  return field.replace(/[\\ \t\n]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
