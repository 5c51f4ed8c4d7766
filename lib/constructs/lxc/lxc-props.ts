import type { Capability, LxcConfig, Open } from '../../directives/index';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import { CONTAINER_PROPS, type ContainerProps } from '../props/container-props';
import type { Image } from '../props/image';
import { propsOfClass } from '../props/known-props';
import type { SecretsProps } from '../service/given-secrets';
import { UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';

/** Sections of the unit, and `lxc` with keys of the container's config under their full names. */
export type LxcDirectives = WorkloadDirectives & { readonly lxc?: LxcConfig };

export interface LxcContainerProps extends UnitProps, NetworkedProps, SecretsProps, ContainerProps {
  /**
   * The {@link Image} of the container. An image in a registry needs `command`. All containers of the host that run in
   * the same image share its files. Becomes lxc.rootfs.path.
   */
  readonly image: Image;
  /**
   * Program to run instead of the image's ENTRYPOINT and CMD, then its arguments. There is no shell, and nothing in an
   * argument is expanded. The program is process 1 of the container.
   * @default - ENTRYPOINT and CMD of an OCI image; required without an OCI image
   */
  readonly command?: readonly string[];
  /**
   * Arguments for the image's ENTRYPOINT, instead of the image's CMD. With `command`, they are appended to it.
   * @default - CMD of an OCI image; none with `command`
   */
  readonly args?: readonly string[];
  /**
   * User inside the container: a name in the image or a number, each with an optional group, such as
   * `www-data:www-data`. A number without a group gets the group of the same number. For an {@link Image.oci}, only
   * numbers and `root` work. Further groups of the user apply only with `privileged`. Becomes lxc.init.uid, lxc.init.gid and lxc.init.groups.
   * @default - the user of the image, or root
   */
  readonly user?: string;
  /**
   * Shares the host's users with the container, so that its root is the host's root. Without it, the container is
   * unprivileged and has its own range of 65536 users. Inside the container, files of the image and of volumes keep
   * their owners. Their file systems must support mapped owners, as ext4, xfs and btrfs do. Becomes lxc.idmap.
   * @default false
   */
  readonly privileged?: boolean;
  /**
   * All capabilities of the container, such as `['CAP_NET_RAW']`. They also allow the system calls that belong to them:
   * CAP_SYS_ADMIN allows mount(2). LXC gives capabilities only to root, so a `user` other than root can have none.
   * Becomes lxc.cap.keep and lxc.seccomp.profile.
   * @default - none; CAP_NET_BIND_SERVICE for a port below 1024 on the host's network
   * @see capabilities(7)
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Paths of device nodes of the host that the container can read and write, such as `'/dev/fuse'`. Without
   * `privileged`, only device nodes that everyone on the host may use work, since the container's users are neither
   * owner nor group of a node. Becomes lxc.mount.entry, and DeviceAllow= of the unit.
   * @default - only device nodes without data: null, zero, random, tty and the like
   */
  readonly devices?: readonly string[];
  /**
   * Mounts the image read-only. The container can still write to /tmp, /run, /var/tmp and its volumes and `tmpfs`. With
   * `false`, it can write everywhere. These files are in /var/lib/bulkhead, and are deleted when the container stops. Becomes
   * lxc.rootfs.options.
   * @default true
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Signal that asks the program to stop: a name such as `'SIGQUIT'`, or a number. Becomes lxc.signal.halt.
   * @default - the stop signal of the image, or SIGTERM
   */
  readonly stopSignal?: string | number;
  /**
   * Any directive of the unit, and in `lxc` any key of the container's config, under their own names: `{ lxc: {
   * 'lxc.prlimit.as': '1073741824' } }`. Each replaces a default of this class. A directive or key that a prop also sets
   * is refused.
   * @default - none
   * @throws Error for a directive or key that a prop also sets
   * @see systemd.service(5), systemd.unit(5), lxc.container.conf(5)
   */
  readonly directives?: LxcDirectives;
}

export const LXC_PROPS = propsOfClass<LxcContainerProps>('LxcContainer', {
  ...UNIT_PROPS,
  ...NETWORKED_PROPS,
  ...CONTAINER_PROPS,
  image: true,
  secrets: 'list',
  command: 'list',
  args: 'list',
  user: true,
  privileged: true,
  capabilities: 'list',
  devices: 'list',
  readOnlyRoot: true,
  stopSignal: true,
  directives: true,
});
