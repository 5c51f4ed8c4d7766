import type { Capability, InstanceConfig, InstanceDevice, Open, Signal } from '../../directives/index';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import { CONTAINER_PROPS, type ContainerProps } from '../props/container-props';
import type { Image } from '../props/image';
import { type KnownProps, propsOfClass } from '../props/known-props';
import type { RemovalPolicy } from '../props/removal-policy';
import type { SecretsProps } from '../service/given-secrets';
import { UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';

/** Data for cloud-init(1). The image must have cloud-init. */
export interface CloudInit {
  /**
   * `#cloud-config` and YAML, or a script that begins with `#!`. Becomes cloud-init.user-data.
   * @default - none
   */
  readonly userData?: string;
  /**
   * The same from the provider of the host. cloud-init applies it before `userData`. Becomes cloud-init.vendor-data.
   * @default - none
   */
  readonly vendorData?: string;
  /**
   * Network config of version 1 or 2, in YAML. Becomes cloud-init.network-config.
   * @default - the addresses of a virtual machine on a Network; otherwise the config of the image
   */
  readonly networkConfig?: string;
}

/** Config and devices of an instance, and directives of the unit that starts it. */
export type InstanceDirectives = WorkloadDirectives & {
  readonly config?: InstanceConfig;
  readonly devices?: Readonly<Record<string, InstanceDevice>>;
};

export interface InstanceProps extends Omit<UnitProps, 'slice'>, NetworkedProps, SecretsProps, ContainerProps {
  /**
   * The {@link Image} of the instance. The engine stores it once for all instances of that image. A virtual machine
   * needs an {@link Image.tar} in the engine's own format: a tar archive with metadata.yaml and rootfs.img, a disk in
   * qcow2. A container from an image in a registry needs `command`.
   *
   * A new image creates a new instance. The old one is stopped and kept as NAME-previous, with its snapshots, until the
   * next new image. Put data that must survive in a volume.
   */
  readonly image: Image;
  /**
   * `'virtual-machine'` has its own kernel, and needs KVM and qemu on the host. The plan refuses it on a host whose
   * engine can't run virtual machines.
   * @default 'container'
   */
  readonly type?: 'container' | 'virtual-machine';
  /**
   * Path of the program in the instance, then its arguments. There is no shell, and nothing in an argument is expanded.
   * The program is process 1, as in every container. It must handle the stop signal, or it is killed after
   * `stopTimeout`. Becomes lxc.init.cmd.
   * @default - ENTRYPOINT and CMD of an OCI image; without them, the instance boots its own init
   */
  readonly command?: readonly string[];
  /**
   * Further arguments, appended to `command`. Without `command`, they replace the CMD of an OCI image.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * User inside the instance that runs the program: a number, a name in the image, or `user:group`.
   * Further groups of the user apply only with `privateUsers: false`. Becomes
   * lxc.init.uid, lxc.init.gid and lxc.init.groups.
   * @default - the user of an OCI image, or root of the instance, who is nobody on the host
   */
  readonly user?: string;
  /**
   * All capabilities that processes in the instance can have, such as `['CAP_NET_RAW']`. `[]` means none. Becomes
   * lxc.cap.keep.
   * @default - the engine's default capabilities, which apply only to the instance's own users
   * @see capabilities(7)
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Paths of device nodes of the host that the instance can read and write, such as `'/dev/fuse'`. The node in the
   * instance belongs to root of the instance, and has the access rights of the host's node. Becomes a device of the
   * type unix-block for the usual names of disks, such as /dev/sda, /dev/loop0 and /dev/mapper/data, and unix-char for
   * all others.
   * @default - only device nodes without data: null, zero, random, tty and the like; /dev/fuse and /dev/net/tun
   */
  readonly devices?: readonly string[];
  /**
   * Gives the instance its own range of 65536 user and group IDs of the host. `true` picks a range. A number is the
   * first ID of the range. `false` shares the host's users. Inside the instance, files of the image and of volumes keep
   * their owners. Their file systems must support mapped owners, as ext4, xfs and btrfs do. If the host has
   * newuidmap(1), the range must be in root's range in subuid(5). Becomes security.idmap.base, or security.privileged
   * for `false`.
   * @default true
   */
  readonly privateUsers?: boolean | number;
  /**
   * Mounts the root read-only. The instance can still write to /tmp, /run, /var/tmp and its volumes. A process with
   * CAP_SYS_ADMIN, such as root of the instance, can undo that. Becomes lxc.hook.mount and lxc.mount.fstab.
   * @default false
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Data for cloud-init(1), for an image that has cloud-init.
   * @default - none
   */
  readonly cloudInit?: CloudInit;
  /**
   * What happens to the instance when it leaves the stack, gets another name or host, or is destroyed. `destroy`
   * deletes it with all files that were written to it, and the plan reports the data loss. `retain` keeps it on the
   * host. An instance of the same name later uses it again, even if its image has changed. The data in `volumes` is
   * never deleted.
   * @default - `destroy` when the instance leaves the stack or is destroyed, and with `readOnlyRoot`. Otherwise a plan
   * that would replace the instance is refused.
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Signal that asks process 1 of the instance to stop, such as `'SIGINT'`. Becomes lxc.signal.halt.
   * @default - the stop signal of an OCI image; otherwise SIGTERM for a program, and the engine's signal for an init
   */
  readonly stopSignal?: Open<Signal>;
  /**
   * Any key of the instance's `config`, any of its `devices`, and any directive of the unit that starts it, under their
   * own names. Each replaces a default of this class. A key or directive that a prop also sets is refused. Lines of
   * `raw.lxc` are appended to the lines of this class.
   * @default - none
   * @throws Error for a key or directive that a prop also sets
   * @see https://linuxcontainers.org/incus/docs/main/reference/instance_options/, systemd.service(5)
   */
  readonly directives?: InstanceDirectives;
}

const { slice: _, ...unit } = UNIT_PROPS;

const PROPS: KnownProps<InstanceProps> = {
  ...unit,
  ...NETWORKED_PROPS,
  ...CONTAINER_PROPS,
  image: true,
  type: true,
  secrets: 'list',
  command: 'list',
  args: 'list',
  user: true,
  capabilities: 'list',
  devices: 'list',
  privateUsers: true,
  readOnlyRoot: true,
  cloudInit: true,
  removalPolicy: true,
  stopSignal: true,
  directives: true,
};

/** Registered for both classes, so that messages about other classes can name them. */
export const INSTANCE_PROPS = propsOfClass('LxdInstance', propsOfClass('IncusInstance', PROPS));

export const CLOUD_INIT: KnownProps<CloudInit> = { userData: true, vendorData: true, networkConfig: true };
