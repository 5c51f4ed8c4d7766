import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import type { Environment } from '../props/environment';
import type { Image } from '../props/image';
import { propsOfClass } from '../props/known-props';
import type { Duration, Memory } from '../props/quantities';
import type { StoredImage } from '../props/stored-image';
import { UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';

/** A disk image on the host. */
export interface DiskImage {
  /** Absolute path on the host. */
  readonly path: string;
  /**
   * Format of the disk image. It is not detected, since a guest could write the header of another format to its own
   * disk.
   */
  readonly format: 'raw' | 'qcow2';
}

export interface VirtualMachineProps extends Omit<UnitProps, 'workingDirectory' | 'tasks'>, NetworkedProps {
  /**
   * Path of a Linux kernel on this machine, such as `/boot/vmlinuz` of the guest's distribution. It must be a bzImage
   * for x86-64. It is sent to the host and starts without a boot loader. Becomes `-kernel` of qemu(1).
   * @default - the boot loader of `disk` starts a kernel
   */
  readonly kernel?: string;
  /**
   * Path of an initial RAM file system on this machine, with the drivers that the kernel needs to reach its root.
   * Debian's kernels need it for virtio_blk and virtio_net. Without `image` and `disk`, the guest runs only this.
   * Becomes `-initrd` of qemu(1).
   * @default - none
   */
  readonly initrd?: string;
  /**
   * Further arguments for the kernel and for the programs that it starts, appended to the arguments of this class:
   * `['quiet', 'panic=10']`. Each is printable ASCII without double quotes.
   * @default - none
   * @see kernel-command-line(7)
   */
  readonly commandLine?: readonly string[];
  /**
   * Root file system of the guest: any {@link Image}. Needs `kernel`, and mke2fs(8) on the host. Do not set both
   * `image` and `disk`.
   *
   * At each start, the host writes the image to a new disk (ext4, /dev/vda) with 1 GB of free space. The guest's
   * changes on that disk are lost when it stops, so put data that must survive in a volume. For an {@link Image.oci},
   * synthesis does not know what to run. Without `command`, the kernel then looks for an init.
   * @default - `disk`, or only the initrd
   */
  readonly image?: Image;
  /**
   * Makes the disk of `image` read-only. qemu refuses to write to it, and the kernel mounts the root with `ro`. The guest
   * can still write to its volumes and to file systems that its initrd or init mounts, such as /run and /tmp. Needs
   * `image`.
   * @default false
   */
  readonly readOnlyRoot?: boolean;
  /**
   * A disk image on the host, used in place and never deleted. The guest sees it as /dev/vda. `'/srv/db.qcow2'` is a
   * qcow2 image. Any other name, such as `'/srv/db.raw'`, is a raw image. A raw {@link MachineImage} that is not
   * read-only works too. systemd opens the disk for the machine, so the machine's own user needs no access to the file.
   * Without `kernel`, the boot loader of the disk starts, with BIOS. Becomes OpenFile=.
   * @default - `image`, or only the initrd
   */
  readonly disk?: string | DiskImage | StoredImage;
  /**
   * Absolute path in the guest of the program that the kernel starts as process 1, then its arguments. Each is printable
   * ASCII without double quotes. If the program ends, the kernel panics, and the unit fails. Becomes `init=` of kernel-command-line(7).
   * @default - ENTRYPOINT and CMD of an OCI image; without them, the kernel looks for an init such as /sbin/init
   */
  readonly command?: readonly string[];
  /**
   * Memory of the guest, at least `'64M'`: bytes, or a number with a suffix of base 1024. The unit can use 384 MB more,
   * for qemu itself. Becomes `-m` of qemu(1) and MemoryMax=.
   * @default '512M'
   */
  readonly memory?: Memory;
  /**
   * CPU time that the machine can use, in CPUs: 1.5 is one and a half. The guest gets this number of CPUs, rounded up.
   * Becomes `-smp` of qemu(1) and CPUQuota=.
   * @default - one CPU, without a limit of its time
   */
  readonly cpu?: number;
  /**
   * Environment variables for process 1 of the guest, at most 30. Each value is printable ASCII without double quotes.
   * systemd as init passes them on to its services (`systemd.setenv=`). Everybody in the guest can read them in
   * /proc/cmdline, and everybody on the host in ps(1), so they are not for secrets. Needs `kernel`.
   * @default - none
   */
  readonly environment?: Environment;
  /**
   * Time that the guest gets to power off: seconds, or a number with a unit such as `'2min'`. ACPI asks the guest once
   * per second. After that time, the guest is switched off. The guest's kernel needs a driver for the power button
   * (`button`), and a program that reacts to it: systemd-logind(8) or acpid.
   * @default '90s'
   */
  readonly stopTimeout?: Duration;
  /**
   * Any directive of the unit that runs qemu, under its name in the man page. A directive replaces a default of this
   * class. A directive that a prop also sets is refused. Directives of systemd.exec(5) apply to qemu, not to the guest.
   * @default - none
   * @throws Error for a directive that a prop also sets
   * @see systemd.service(5), systemd.unit(5), systemd.resource-control(5)
   */
  readonly directives?: WorkloadDirectives;
}

const { workingDirectory: _, tasks: __, ...OF_UNIT } = UNIT_PROPS;

export const VIRTUAL_MACHINE_PROPS = propsOfClass<VirtualMachineProps>('VirtualMachine', {
  ...OF_UNIT,
  ...NETWORKED_PROPS,
  kernel: true,
  initrd: true,
  commandLine: 'list',
  image: true,
  readOnlyRoot: true,
  disk: true,
  command: 'list',
  directives: true,
});
