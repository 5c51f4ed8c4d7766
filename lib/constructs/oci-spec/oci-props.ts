import type { Capability, OciConfig, OciLinux, OciProcess, OciRoot, Open } from '../../directives/index';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import { CONTAINER_PROPS, type ContainerProps } from '../props/container-props';
import type { Image } from '../props/image';
import type { KnownProps } from '../props/known-props';
import type { SecretsProps } from '../service/given-secrets';
import { JOB_PROPS, type JobProps, UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';

/**
 * Sections of the unit and of config.json. `config` holds the top-level values of config.json beside `process`, `root`
 * and `linux`.
 */
export type OciDirectives = WorkloadDirectives & {
  readonly config?: OciConfig;
  readonly process?: Partial<Omit<OciProcess, 'env'>>;
  readonly root?: Omit<OciRoot, 'path'>;
  readonly linux?: Omit<OciLinux, 'cgroupsPath'>;
};

/** Props of a container that an OCI runtime runs. */
export interface OciProps extends UnitProps, JobProps, NetworkedProps, SecretsProps, ContainerProps {
  /**
   * The image of the container. For an {@link Image.oci}, synthesis does not know how to run the image. So set
   * `command`, and also `user`, `environment` and other props that the program needs.
   */
  readonly image: Image;
  /**
   * Program to run instead of the image's ENTRYPOINT and CMD, then its arguments. There is no shell, and nothing in an
   * argument is expanded. Becomes process.args.
   * @default - ENTRYPOINT and CMD of the image
   */
  readonly command?: readonly string[];
  /**
   * Arguments for the image's ENTRYPOINT, instead of the image's CMD. With `command`, they are appended to it. Becomes
   * process.args.
   * @default - CMD of the image; none with `command`
   */
  readonly args?: readonly string[];
  /**
   * User inside the container: a name in the image or a number, each with an optional group, such as
   * `www-data:www-data`. A number without a group gets the group of the same number. For an {@link Image.oci}, only
   * numbers and `root` work. Becomes process.user.
   * @default - the user of the image, or root
   */
  readonly user?: string;
  /**
   * All capabilities of the container, such as `['CAP_NET_RAW']`. They also allow the system calls that belong to them:
   * CAP_SYS_ADMIN allows mount(2). Becomes process.capabilities and linux.seccomp.
   * @default - none; CAP_NET_BIND_SERVICE for a port below 1024 on the host's network
   * @see capabilities(7)
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Mounts the image read-only. The container can still write to /tmp, /run, /var/tmp and its volumes. Becomes
   * root.readonly.
   * @default true
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Signal that asks the program to stop: a name such as `'SIGQUIT'`, or a number. Becomes ExecStop=.
   * @default - the stop signal of the image, or SIGTERM
   */
  readonly stopSignal?: string | number;
  /**
   * Any directive of the unit and any value of the container's config.json, under their own names. Each replaces a
   * default of this class. A directive or value that a prop also sets is refused.
   * @default - none
   * @throws Error for a directive or value that a prop also sets
   * @see systemd.service(5), systemd.unit(5), https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md
   */
  readonly directives?: OciDirectives;
}

export const OCI_PROPS: KnownProps<OciProps> = {
  ...UNIT_PROPS,
  ...JOB_PROPS,
  ...NETWORKED_PROPS,
  ...CONTAINER_PROPS,
  image: true,
  secrets: 'list',
  command: 'list',
  args: 'list',
  user: true,
  capabilities: 'list',
  readOnlyRoot: true,
  stopSignal: true,
  directives: true,
};
