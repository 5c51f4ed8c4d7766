import { entry } from '../props/mount-entry';

/** An empty directory that the container sees at a path of its root. */
const temporaryIn = (directory: string, path: string) => `${directory}/mounts/temporary/${path.replaceAll('/', '-')}`;

/** Mount options of /dev/shm, beside its size. */
export const SHARED_MEMORY_OPTIONS = 'nosuid,nodev,noexec,mode=1777';

/**
 * lxc.mount.entry of every container: empty file systems to write to, and empty ones over paths that expose the host.
 * @param unprivileged Whether the container has its own user namespace. Such a container can't mount a new sysfs, so it
 * sees the host's /sys.
 * @param shm Mount options of /dev/shm.
 */
export function usualMounts(directory: string, unprivileged: boolean, shm: string): string[] {
  const temporary = ['run', 'tmp', 'var/tmp'].map((path) =>
    entry(temporaryIn(directory, path), path, 'none', 'bind,rprivate,nosuid,nodev'),
  );
  return [
    // Without rprivate, a mount below /sys in the container would appear on the host.
    ...(unprivileged ? [entry('/sys', 'sys', 'none', 'rbind,rprivate,ro,nosuid,nodev,noexec')] : []),
    ...['sys/fs', 'sys/firmware'].map((path) => entry('tmpfs', path, 'tmpfs', 'ro,size=0,optional')),
    entry('tmpfs', 'dev/shm', 'tmpfs', `${shm},create=dir`),
    entry('mqueue', 'dev/mqueue', 'mqueue', 'nosuid,nodev,noexec,create=dir'),
    ...MASKED.map((path) => entry('/dev/null', path, 'none', 'bind,ro,optional')),
    ...temporary,
  ];
}

/** Kernel files that expose the host. */
const MASKED = ['proc/kcore', 'proc/keys', 'proc/latency_stats', 'proc/timer_list', 'proc/sched_debug'];
