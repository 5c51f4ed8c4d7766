import type { OciMount } from '../../directives/index';
import type { NetworkFile } from '../network/network-access';
import type { Volume } from '../props/volumes';

const temporary = (destination: string, mode: string): OciMount => ({
  destination,
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['nosuid', 'nodev', `mode=${mode}`],
});

/** The kernel's view of the hardware. Who has a user namespace of its own sees the host's, since it can mount no other. */
export const SYS: OciMount = {
  destination: '/sys',
  type: 'sysfs',
  source: 'sysfs',
  options: ['nosuid', 'noexec', 'nodev', 'ro'],
};
// Not private, what is mounted below it in the container would be mounted on the host.
export const SYS_OF_HOST: OciMount = {
  destination: '/sys',
  type: 'bind',
  source: '/sys',
  options: ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev', 'ro'],
};

/** What else every container has mounted: the kernel's file systems, and empty ones for what it writes. */
export const MOUNTS: readonly OciMount[] = [
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
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  temporary('/tmp', '1777'),
  temporary('/var/tmp', '1777'),
  temporary('/run', '755'),
];

// What is mounted below a volume that is read-only is read-only, too.
function bind({ source, target, readOnly }: Pick<Volume, 'source' | 'target' | 'readOnly'>): OciMount {
  const options = ['rbind', 'rprivate', 'nosuid', 'nodev', readOnly ? 'rro' : 'rw'];
  return { destination: target, type: 'bind', source, options };
}

/**
 * The volumes of a service as mounts.
 * @param mappedAt Where those are mounted, by their number, whose owners are mapped; not set: they are not.
 */
export function volumeMounts(volumes: readonly Volume[], mappedAt?: (index: number) => string): OciMount[] {
  const mapped = mappedVolumes(volumes);
  return volumes.map((volume) => {
    const index = mapped.indexOf(volume);
    return bind(mappedAt && index >= 0 ? { ...volume, source: mappedAt(index) } : volume);
  });
}

/** Volumes whose owners a container with users of its own sees only when they are mapped: what constructs made is root's. */
export function mappedVolumes(volumes: readonly Volume[]): Volume[] {
  return volumes.filter(({ from }) => from === undefined);
}

/** The mounts of the files of a network. */
export function networkMounts(files: readonly NetworkFile[]): OciMount[] {
  return files.map((file) => bind({ ...file, readOnly: true }));
}

/** Files of the kernel that tell about the host, or change it. Docker and podman hide the same. */
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
