/** An empty directory that the container sees at a path of its root. */
const temporaryIn = (directory: string, path: string) => `${directory}/mounts/temporary/${path.replaceAll('/', '-')}`;

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

/**
 * A target in LXC's form: relative to the root, without a leading slash. A value that is not known yet stays as it is.
 */
export function pathInRoot(target: string): string {
  if (!target.startsWith('/')) return `./${target}`;
  return target.replace(/^\/+|\/+$/g, '').replace(/\/{2,}/g, '/');
}

/** A line of lxc.mount.entry. */
export function entry(source: string, target: string, type: string, options: string): string {
  return [source, target, type, options, '0', '0'].map(escaped).join(' ');
}

/** Escapes blanks and backslashes as in fstab(5). */
function escaped(field: string): string {
  return field.replace(/[\\ \t\n]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
