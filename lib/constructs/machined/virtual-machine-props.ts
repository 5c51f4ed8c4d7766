import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import type { Environment } from '../props/environment';
import type { Image } from '../props/image';
import type { KnownProps } from '../props/known-props';
import type { Duration, Memory } from '../props/quantities';
import type { StoredImage } from '../props/stored-image';
import { UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';

/** A disk image on the host. */
export interface DiskImage {
  /** Absolute path on the host. */
  readonly path: string;
  /** How it is written. It is not guessed, since a guest could write another format's header into its own disk. */
  readonly format: 'raw' | 'qcow2';
}

export interface VirtualMachineProps extends Omit<UnitProps, 'workingDirectory' | 'tasks'>, NetworkedProps {
  /**
   * Linux kernel on this machine, such as `/boot/vmlinuz` of the guest's distribution: a bzImage for x86-64. It is sent to
   * the host and started without a boot loader. `-kernel` of qemu(1)
   * @default - the boot loader of `disk` starts one
   */
  readonly kernel?: string;
  /**
   * Initial RAM file system on this machine, with what the kernel needs to reach its root. Debian's kernels need one for
   * virtio_blk and virtio_net. Without `image` and `disk` it is all that the guest runs. `-initrd` of qemu(1)
   * @default - none
   */
  readonly initrd?: string;
  /**
   * Further words for the kernel and for what it starts, after those of this class: `['quiet', 'panic=10']`. Each is
   * printable ASCII without double quotes.
   * @default - none
   * @see kernel-command-line(7)
   */
  readonly commandLine?: readonly string[];
  /**
   * Its root file system: any {@link Image}. Of an {@link Image.oci} what it runs is not known at synthesis, so that
   * without `command` its kernel looks for an init. At each start the host writes it to a disk of its own (ext4, /dev/vda) with 1 GB of free space. What the guest writes there is gone when it stops; what must outlive it
   * belongs in a volume. Needs `kernel`, and mke2fs(8) on the host.
   * @default - `disk`, or the initrd alone
   */
  readonly image?: Image;
  /**
   * A disk image of the host, used in place and never removed: `'/srv/db.qcow2'`, or `'/srv/db.raw'` and any other name
   * for a raw one. systemd opens it for the machine, whose own user need not be able to. It is /dev/vda; without `kernel`
   * its boot loader starts, by BIOS. Or a raw {@link MachineImage} that can be written to. OpenFile=
   * @default - `image`, or the initrd alone
   */
  readonly disk?: string | DiskImage | StoredImage;
  /**
   * The program that the kernel starts as process 1, by its path in the guest, and its arguments. Each word is printable
   * ASCII without double quotes. `init=` of kernel-command-line(7)
   * @default - what an OCI image says: its ENTRYPOINT and CMD; without, what the kernel looks for, such as /sbin/init
   */
  readonly command?: readonly string[];
  /**
   * Memory of the guest, at least 64M. The unit may use 384 MB more, for qemu itself. `-m` of qemu(1), MemoryMax=
   * @default '512M'
   */
  readonly memory?: Memory;
  /**
   * CPUs it may use. The guest has as many as that, rounded up. `-smp` of qemu(1), CPUQuota=
   * @default - one, without a limit on how much of it
   */
  readonly cpu?: number;
  /**
   * Variables for process 1 of the guest, at most 30. Each value is printable ASCII without double quotes. Everybody
   * in the guest can read them in /proc/cmdline, and everybody on the host in ps(1). An init that is systemd hands them on to its services
   * (`systemd.setenv=`). Needs `kernel`.
   * @default - none
   */
  readonly environment?: Environment;
  /**
   * How long the guest gets to power off, which ACPI asks it for each second. After that it is switched off. Its kernel
   * needs a driver for the power button (`button`), and something that heeds it: systemd-logind(8), or acpid.
   * @default '90s'
   */
  readonly stopTimeout?: Duration;
  /**
   * Any directive of the unit that runs qemu, under its own name. It replaces a default of this class; one that a prop
   * sets as well is refused. Those of systemd.exec(5) are about qemu, not about the guest.
   * @see systemd.service(5), systemd.unit(5), systemd.resource-control(5)
   */
  readonly directives?: WorkloadDirectives;
}

const { workingDirectory: _, tasks: __, ...OF_UNIT } = UNIT_PROPS;

export const VIRTUAL_MACHINE_PROPS: KnownProps<VirtualMachineProps> = {
  ...OF_UNIT,
  ...NETWORKED_PROPS,
  kernel: true,
  initrd: true,
  commandLine: 'list',
  image: true,
  disk: true,
  command: 'list',
  directives: true,
};
