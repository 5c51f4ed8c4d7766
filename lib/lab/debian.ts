import { writeFile } from 'node:fs/promises';
import { arch } from 'node:process';
import { aptSources } from './apt-sources';
import { command } from './command';
import { requireCommands } from './packages';

const SUITE = 'trixie';

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
  '--quiet',
  '--mode=root',
  '--variant=essential',
  `--include=${PACKAGES.join(',')}`,
  '--aptopt=Acquire::Languages "none"',
  '--aptopt=APT::Install-Recommends "false"',
  '--dpkgopt=path-exclude=/usr/share/doc/*',
  '--dpkgopt=path-exclude=/usr/share/info/*',
  '--dpkgopt=path-exclude=/usr/share/locale/*',
  '--dpkgopt=path-exclude=/usr/share/man/*',
  // Each lab has its own host key.
  '--customize-hook=rm "$1"/etc/ssh/ssh_host_*',
  '--customize-hook=chroot "$1" systemctl --quiet enable systemd-networkd',
  `--customize-hook=chroot "$1" systemctl --quiet mask ${UDEV_UNITS.join(' ')}`,
];

/** All that decides what `installDebian` makes, beside the state of the Debian archive. */
export const DEBIAN_INPUTS = JSON.stringify([SUITE, arch, OPTIONS]);

/**
 * Installs a Debian with systemd, podman and systemd-nspawn in a new directory. Half a minute on two idle cores.
 * @throws Error with the last messages of mmdebstrap(1).
 */
export async function installDebian(
  root: string,
  progress: (message: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  await requireCommands(['mmdebstrap'], progress, signal);
  progress(`building a Debian ${SUITE} root filesystem, once`);
  const sources = `${root}.sources.list`;
  await writeFile(sources, `${(await aptSources(SUITE, signal)).join('\n')}\n`);
  // In a process namespace that ends with this process: a build that nobody waits for must not go on.
  const contained = ['--pdeathsig=KILL', 'unshare', '--pid', '--mount-proc', '--fork', '--kill-child=KILL', '--'];
  const build = ['mmdebstrap', ...OPTIONS, SUITE, root, sources];
  await command(['setpriv', ...contained, ...build], { signal, killSignal: 'SIGKILL' });
}
