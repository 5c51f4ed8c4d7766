import type { Capability, InstanceConfig, InstanceDevice, Open, Signal } from '../../directives/index';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import type { Image } from '../props/image';
import { type KnownProps, propsOfClass } from '../props/known-props';
import type { RemovalPolicy } from '../props/removal-policy';
import { UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';

/** What cloud-init(1) finds in an instance whose image has it. */
export interface CloudInit {
  /** Such as `#cloud-config` and YAML, or a script that begins with `#!`. cloud-init.user-data */
  readonly userData?: string;
  /** The same of the one who provides the host, which comes before `userData`. cloud-init.vendor-data */
  readonly vendorData?: string;
  /**
   * Network config of version 1 or 2, in YAML. cloud-init.network-config
   * @default - for a virtual machine on a Network its addresses; else what the image says
   */
  readonly networkConfig?: string;
}

/** Config and devices of an instance, and the unit that starts it. */
export type InstanceDirectives = WorkloadDirectives & {
  readonly config?: InstanceConfig;
  readonly devices?: Readonly<Record<string, InstanceDevice>>;
};

export interface InstanceProps extends Omit<UnitProps, 'slice'>, NetworkedProps {
  /**
   * What it runs in: any {@link Image}, and for a virtual machine {@link Image.tar} of an image of
   * the engine's own: a tar archive with metadata.yaml and rootfs.img, a disk in qcow2. It is brought into the engine's own store once for all
   * instances that are made from it. A new image makes a new instance; the old one is stopped and kept as NAME-previous,
   * with its snapshots, until the next image comes. What must outlive it belongs in a volume.
   */
  readonly image: Image;
  /**
   * `'virtual-machine'` has a kernel of its own. The plan refuses one on a host whose engine runs none, which needs KVM
   * and qemu.
   * @default 'container'
   */
  readonly type?: 'container' | 'virtual-machine';
  /**
   * The program, by its path in the instance, and its arguments. It is process 1, as in every container: it must handle
   * the signal to stop, or is killed after `stopTimeout`. lxc.init.cmd
   * @default - what an OCI image says; without, the instance boots its own init
   */
  readonly command?: readonly string[];
  /**
   * Further arguments, after those of `command`; for an OCI image without `command`, instead of its CMD.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * User inside of the instance to run the program as: a number, a name that the image has, or `user:group`.
   * lxc.init.uid, lxc.init.gid, lxc.init.groups
   * @default - what an OCI image says; otherwise root, who is nobody outside
   */
  readonly user?: string;
  /**
   * Exactly the capabilities that its processes may hold; `[]` is none. lxc.cap.keep
   * @default - all that hold inside of its own users alone
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Whether its users are others than those of the host: 65536 of its own, or those from a number on. Files of its image
   * and of its volumes keep their owners, as it sees them. The file systems of both must be able to map owners, as ext4,
   * xfs and btrfs can. The range must be one of root's in subuid(5), where the host has newuidmap(1). `false` gives it the
   * users of the host. security.idmap.base, security.privileged
   * @default true
   */
  readonly privateUsers?: boolean | number;
  /**
   * Data for cloud-init(1), for images that have it.
   * @default - none
   */
  readonly cloudInit?: CloudInit;
  /**
   * What becomes of the instance when it leaves the stack, gets another name or host, or is destroyed: `destroy` removes
   * it with all that was written into it, which a plan calls data loss; `retain` leaves it on the host, where an instance
   * of that name finds it again and keeps it, whatever its image by then. What lies in `volumes` is never removed.
   * @default - `destroy` for an instance that leaves the stack or is destroyed; a plan that would replace it is refused
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Signal that asks its process 1 to stop. lxc.signal.halt
   * @default - what an OCI image says; else SIGTERM for a program, and for an init what the engine sends
   */
  readonly stopSignal?: Open<Signal>;
  /**
   * Any key of the instance's `config`, any of its `devices`, and any directive of the unit that starts it, under their
   * own names. Each replaces a default of this class; one that a prop sets as well is refused. Lines of `raw.lxc` come
   * after those of this class.
   * @see https://linuxcontainers.org/incus/docs/main/reference/instance_options/, systemd.service(5)
   */
  readonly directives?: InstanceDirectives;
}

const { slice: _, ...unit } = UNIT_PROPS;

const PROPS: KnownProps<InstanceProps> = {
  ...unit,
  ...NETWORKED_PROPS,
  image: true,
  type: true,
  command: 'list',
  args: 'list',
  user: true,
  capabilities: 'list',
  privateUsers: true,
  cloudInit: true,
  removalPolicy: true,
  stopSignal: true,
  directives: true,
};

/** Known as those of both classes, for messages of others that lack one of them. */
export const INSTANCE_PROPS = propsOfClass('LxdInstance', propsOfClass('IncusInstance', PROPS));

export const CLOUD_INIT: KnownProps<CloudInit> = { userData: true, vendorData: true, networkConfig: true };
