import type { Capability, Open, Signal } from '../../directives/index';
import type { Network } from '../network/network';
import { NETWORKED_PROPS, type NetworkedProps, type NetworkMode } from '../network/networked-props';
import { ENGINE_CONTAINER_PROPS, type EngineContainerProps } from '../props/container-props';
import type { Image } from '../props/image';
import { propsOfClass } from '../props/known-props';
import type { SecretsProps } from '../service/given-secrets';
import { JOB_PROPS, type JobProps, UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';
import type { DockerImage } from './docker-image';
import type { DockerNetwork } from './docker-network';

export interface DockerServiceProps
  extends Omit<UnitProps, 'slice'>,
    JobProps,
    SecretsProps,
    EngineContainerProps,
    Omit<NetworkedProps, 'network'> {
  /**
   * The image of the container. With a full reference (`docker.io/library/caddy:2`, or {@link Image.oci}), docker pulls
   * the image if it does not have it. From any other {@link Image}, the layers that docker does not have are sent to
   * the host. Or a {@link DockerImage}.
   */
  readonly image: string | Image | DockerImage;
  /**
   * Program to run instead of the image's ENTRYPOINT and CMD, then its arguments. There is no shell, and nothing in an
   * argument is expanded.
   * @default - ENTRYPOINT and CMD of the image
   */
  readonly command?: readonly string[];
  /**
   * Arguments for the image's ENTRYPOINT, instead of the image's CMD. With `command`, they are appended to it.
   * @default - CMD of the image; none with `command`
   */
  readonly args?: readonly string[];
  /**
   * Network of the container. On a {@link DockerNetwork}, containers reach each other by name. A {@link Network} needs
   * a {@link DockerDaemon} on the host. `'host'` shares all interfaces of the host. `'none'` gives the container no
   * network.
   * @default - docker's own bridge, which resolves no names
   */
  readonly network?: DockerNetwork | Network | NetworkMode;
  /**
   * User inside the container: a name, a number, or `user:group`.
   * @default - the user of the image
   */
  readonly user?: string;
  /**
   * All capabilities of the container, such as `['CAP_NET_RAW']`. An image that changes its user at the start needs
   * CAP_SETUID and CAP_SETGID, and often CAP_CHOWN. Ports below 1024 need no capability.
   * @default - none
   * @see capabilities(7)
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Mounts the image read-only. The container can still write to its volumes and `tmpfs`.
   * @default false
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Signal that asks process 1 of the container to stop, such as `'SIGINT'`.
   * @default - the stop signal of the image, or SIGTERM
   */
  readonly stopSignal?: Open<Signal>;
  /**
   * Any directive of the unit that runs the container, under its name in the man page. A directive replaces a default
   * of this class. A directive that a prop also sets is refused.
   * @default - none
   * @throws Error for a directive that a prop also sets
   * @see systemd.service(5), systemd.unit(5)
   */
  readonly directives?: WorkloadDirectives;
}

const { slice: _, ...unit } = UNIT_PROPS;

export const DOCKER_SERVICE_PROPS = propsOfClass<DockerServiceProps>('DockerService', {
  ...unit,
  ...JOB_PROPS,
  ...NETWORKED_PROPS,
  ...ENGINE_CONTAINER_PROPS,
  image: true,
  secrets: 'list',
  command: 'list',
  args: 'list',
  user: true,
  capabilities: 'list',
  readOnlyRoot: true,
  stopSignal: true,
  directives: true,
});
