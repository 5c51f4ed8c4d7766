import type { Capability, LxcConfig, Open } from '../../directives/index';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import type { Image } from '../props/image';
import { propsOfClass } from '../props/known-props';
import { UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';

/** Sections of the unit, and `lxc` with the keys of the container's config under their full names. */
export type LxcDirectives = WorkloadDirectives & { readonly lxc?: LxcConfig };

export interface LxcContainerProps extends UnitProps, NetworkedProps {
  /**
   * What it runs in: any {@link Image} but {@link Image.oci}. All containers of the host that run in the same image share
   * its files. lxc.rootfs.path
   */
  readonly image: Image;
  /**
   * The program to run instead of the image's ENTRYPOINT and CMD, with its arguments. Each word arrives as it is. It is
   * process 1 of the container.
   * @default - what an OCI image says; needed without one
   */
  readonly command?: readonly string[];
  /**
   * Arguments for the image's ENTRYPOINT instead of its CMD, or further ones after those of `command`.
   * @default - what an OCI image says
   */
  readonly args?: readonly string[];
  /**
   * User inside of the container: a name that the image has, a number, or either with a group, as `www-data:www-data`. A
   * number without a group has the group of that number. For an {@link Image.oci} numbers alone, or root.
   * lxc.init.uid, lxc.init.gid, lxc.init.groups
   * @default - what the image says; otherwise root
   */
  readonly user?: string;
  /**
   * Gives the container the users of the host, so that its root is the host's root. Without it, the container is
   * unprivileged: it has 65536 users of its own, and files of its image and of its volumes keep their owners, as it sees
   * them. The file systems of both must be able to map owners, as ext4, xfs and btrfs can. lxc.idmap
   * @default false
   */
  readonly privileged?: boolean;
  /**
   * Exactly the capabilities that it holds. They also widen the filter of system calls: CAP_SYS_ADMIN brings mount(2).
   * LXC hands them to root only, so a `user` other than root can have none. lxc.cap.keep, lxc.seccomp.profile
   * @default - none; CAP_NET_BIND_SERVICE for a port below 1024 on the host's network
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Mounts the image read-only. It can still write to /tmp, /run, /var/tmp and its volumes. What it writes elsewhere with
   * `false` takes space in /var/lib/bulkhead and is deleted when it stops. lxc.rootfs.options
   * @default true
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Signal that asks its program to stop: `'SIGQUIT'`, or a number. lxc.signal.halt
   * @default - what the image says, or SIGTERM
   */
  readonly stopSignal?: string | number;
  /**
   * Any directive of the unit, and in `lxc` any key of the container's config, under their own names:
   * `{ lxc: { 'lxc.prlimit.nofile': '4096' } }`. Each replaces a default of this class; one that a prop sets as well is
   * refused.
   * @see systemd.service(5), systemd.unit(5), lxc.container.conf(5)
   */
  readonly directives?: LxcDirectives;
}

export const LXC_PROPS = propsOfClass<LxcContainerProps>('LxcContainer', {
  ...UNIT_PROPS,
  ...NETWORKED_PROPS,
  image: true,
  command: 'list',
  args: 'list',
  user: true,
  privileged: true,
  capabilities: 'list',
  readOnlyRoot: true,
  stopSignal: true,
  directives: true,
});
