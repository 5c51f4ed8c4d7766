import type { OciMount } from '../../directives/index';
import type { NetworkFile } from '../network/network-access';
import { type ContainerProps, parseTmpfs } from '../props/container-props';
import { memoryBytes } from '../props/quantities';
import type { Volume } from '../props/volumes';

const temporary = (destination: string, mode: string): OciMount => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['nosuid', 'nodev', `mode=${mode}`],
});

/**
 * The kernel's view of the hardware. A container with its own user namespace can't mount a new sysfs, so it sees the
 * host's.
 */
export const SYS: OciMount = {
  destination: '/sys',
  type: 'sysfs',
  source: 'sysfs',
  options: ['nosuid', 'noexec', 'nodev', 'ro'],
};
// Without rprivate, a mount below /sys in the container would appear on the host.
export const SYS_OF_HOST: OciMount = {
  destination: '/sys',
  type: 'bind',
  source: '/sys',
  options: ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev', 'ro'],
};

const SHARED_MEMORY = '/dev/shm';

/** Mounts of every container: file systems of the kernel, and empty directories in memory to write to. */
const MOUNTS: readonly OciMount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'noexec', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  {
    destination: SHARED_MEMORY,
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  temporary('/tmp', '1777'),
  temporary('/var/tmp', '1777'),
  temporary('/run', '755'),
];

/** Mounts of a container beside its volumes, with its directories in memory. @throws Error */
export function specMounts(
  { tmpfs, shmSize }: Pick<ContainerProps, 'tmpfs' | 'shmSize'>,
  sys: OciMount,
  at: string,
): OciMount[] {
  const size = memoryBytes(shmSize, at, 'shmSize');
  const sized = (mount: OciMount): OciMount => {
    if (size === undefined || mount.destination !== SHARED_MEMORY) return mount;
    return { ...mount, options: mount.options?.map((option) => option.replace(/^size=.*/, `size=${size}`)) ?? [] };
  };
  const inMemory = parseTmpfs(tmpfs, at).map(([destination, options]) => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'nodev', ...(options ? options.split(',') : [])],
  }));
  return [...MOUNTS.map(sized), sys, ...inMemory];
}

// Mounts below a read-only volume must be read-only too, hence rro.
function bind({ source, target, readOnly }: Pick<Volume, 'source' | 'target' | 'readOnly'>): OciMount {
  const options = ['rbind', 'rprivate', 'nosuid', 'nodev', readOnly ? 'rro' : 'rw'];
  return { destination: target, type: 'bind', source, options };
}

/**
 * The volumes of a service as mounts.
 * @param mappedAt Returns the mount point of a volume whose owners are mapped, by its index. Not set: no owners are
 * mapped.
 */
export function volumeMounts(volumes: readonly Volume[], mappedAt?: (index: number) => string): OciMount[] {
  const mapped = mappedVolumes(volumes);
  return volumes.map((volume) => {
    const index = mapped.indexOf(volume);
    return bind(mappedAt && index >= 0 ? { ...volume, source: mappedAt(index) } : volume);
  });
}

/**
 * Volumes whose owners must be mapped for a container with its own range of users. Files of constructs belong to root
 * of the host, and stay unmapped.
 */
export function mappedVolumes(volumes: readonly Volume[]): Volume[] {
  return volumes.filter(({ from }) => from === undefined);
}

/** The files of a network as mounts. */
export function networkMounts(files: readonly NetworkFile[]): OciMount[] {
  return files.map((file) => bind({ ...file, readOnly: true }));
}

/** Kernel files that expose the host or could change it. Docker and podman hide the same files. */
export const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];
export const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];
