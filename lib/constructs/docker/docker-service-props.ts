import type { Capability, Open, Signal } from '../../directives/index';
import type { Network } from '../network/network';
import { NETWORKED_PROPS, type NetworkedProps, type NetworkMode } from '../network/networked-props';
import type { Image } from '../props/image';
import { propsOfClass } from '../props/known-props';
import { JOB_PROPS, type JobProps, UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';
import type { DockerImage } from './docker-image';
import type { DockerNetwork } from './docker-network';

export interface DockerServiceProps extends Omit<UnitProps, 'slice'>, JobProps, Omit<NetworkedProps, 'network'> {
  /**
   * The image: a reference with its registry (`docker.io/library/caddy:2`), which docker pulls when it lacks it,
   * any other {@link Image}, of which the host gets the layers that docker lacks, or a {@link DockerImage}.
   */
  readonly image: string | Image | DockerImage;
  /**
   * The program to run instead of the image's ENTRYPOINT and CMD, with its arguments. Each word arrives as it is.
   * @default - what the image says
   */
  readonly command?: readonly string[];
  /**
   * Arguments for the image's ENTRYPOINT instead of its CMD, or further ones after those of `command`.
   * @default - what the image says
   */
  readonly args?: readonly string[];
  /**
   * A {@link DockerNetwork}, where containers reach each other by name; a {@link Network}, for which the host needs a
   * {@link DockerDaemon}; `'host'`, which shares all interfaces of the host; or `'none'`.
   * @default - docker's own bridge, where nothing has a name
   */
  readonly network?: DockerNetwork | Network | NetworkMode;
  /**
   * User inside of the container: a name or number, or `user:group`.
   * @default - what the image says
   */
  readonly user?: string;
  /**
   * Exactly the capabilities that it may hold, such as `['CAP_NET_RAW']`. Images that change their user at the start need
   * CAP_SETUID and CAP_SETGID, and often CAP_CHOWN. Ports below 1024 need none.
   * @default - none
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Mounts the image read-only. The container can still write to its volumes and `tmpfs`.
   * @default false
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Directories in memory that are empty at each start: `'/tmp'`, or with mount options `'/run:size=64m,mode=755'`.
   * @default - none
   */
  readonly tmpfs?: readonly string[];
  /**
   * Device nodes of the host that it may read and write, such as `/dev/fuse`.
   * @default - none beside /dev/null and its like
   */
  readonly devices?: readonly string[];
  /**
   * Labels of the container.
   * @default - those of the image
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Signal that asks its process 1 to stop.
   * @default - what the image says, else SIGTERM
   */
  readonly stopSignal?: Open<Signal>;
  /**
   * Any directive of the unit that runs the container, under its own name. It replaces a default of this class; one that
   * a prop sets as well is refused.
   * @see systemd.service(5), systemd.unit(5)
   */
  readonly directives?: WorkloadDirectives;
}

const { slice: _, ...unit } = UNIT_PROPS;

export const DOCKER_SERVICE_PROPS = propsOfClass<DockerServiceProps>('DockerService', {
  ...unit,
  ...JOB_PROPS,
  ...NETWORKED_PROPS,
  image: true,
  command: 'list',
  args: 'list',
  user: true,
  capabilities: 'list',
  readOnlyRoot: true,
  tmpfs: 'list',
  devices: 'list',
  labels: true,
  stopSignal: true,
  directives: true,
});
