import { arch } from 'node:process';
import { COMMON_OPTIONS, mmdebstrap, SUITE } from './mmdebstrap';
import { requireCommands } from './packages';
import type { Progress } from './progress';

const PACKAGES = [
  // the system
  'systemd',
  'systemd-sysv',
  'dbus',
  'libpam-systemd',
  'openssh-server',
  'sudo',
  'procps',
  'iproute2',
  'nftables',
  'curl',
  'socat',
  // udevadm, which reads .link files; the daemon would meddle with the devices of this machine
  'udev',
  // systemd-nspawn, machinectl, importctl
  'systemd-container',
  'xz-utils',
  'zstd',
  // podman with Quadlet
  'podman',
  'crun',
  'netavark',
  'aardvark-dns',
  'passt',
  'uidmap',
  'catatonit',
  // the test images
  'busybox-static',
];

const UDEV_UNITS = [
  'systemd-udevd.service',
  'systemd-udevd-control.socket',
  'systemd-udevd-kernel.socket',
  'systemd-udev-trigger.service',
  'systemd-udev-settle.service',
  'systemd-hwdb-update.service',
  'systemd-udev-load-credentials.service',
];

const OPTIONS = [
  '--variant=essential',
  `--include=${PACKAGES.join(',')}`,
  // Each lab has its own host key.
  '--customize-hook=rm "$1"/etc/ssh/ssh_host_*',
  '--customize-hook=chroot "$1" systemctl --quiet enable systemd-networkd',
  `--customize-hook=chroot "$1" systemctl --quiet mask ${UDEV_UNITS.join(' ')}`,
];

/** All that decides what `installDebian` makes, beside the state of the Debian archive. */
export const DEBIAN_INPUTS = JSON.stringify([SUITE, arch, COMMON_OPTIONS, OPTIONS]);

/**
 * Installs a Debian with systemd, podman and systemd-nspawn in a new directory. Half a minute on two idle cores.
 * @throws Error that says what is missing, or with the last messages of mmdebstrap(1).
 */
export async function installDebian(root: string, progress: Progress, signal?: AbortSignal): Promise<void> {
  await requireCommands(['mmdebstrap'], progress, signal);
  progress(`building a Debian ${SUITE} root filesystem, once`);
  await mmdebstrap({ options: OPTIONS, root, signal });
}
