import type { Capability, Open, Signal } from '../../directives/index';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import type { EnvironmentFilesProps } from '../props/environment';
import type { Image } from '../props/image';
import type { KnownProps } from '../props/known-props';
import type { PortProp } from '../props/ports';
import type { VolumeProp } from '../props/volumes';
import type { SecretsProps } from '../service/given-secrets';
import { JOB_PROPS, type JobProps, UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';
import { PROGRAM_DIRECTORIES_PROPS, type ProgramDirectoriesProps } from './program-directories';

/** Props of a systemd unit that runs a program itself, of the host or of an image. */
export interface ProgramProps
  extends UnitProps,
    JobProps,
    EnvironmentFilesProps,
    NetworkedProps,
    SecretsProps,
    ProgramDirectoriesProps {
  /**
   * Absolute path of the program, then its arguments. There is no shell, and nothing in an argument is expanded.
   * Becomes ExecStart=.
   * @default - ENTRYPOINT and CMD of an OCI image; required without an OCI image
   */
  readonly command?: readonly string[];
  /**
   * Further arguments, appended to `command`. Without `command`, they replace the CMD of an OCI image.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * An {@link Image} that the program runs in, instead of the host's own system. An image in a registry needs
   * `command`. The image provides defaults for the environment, the working directory, the stop signal and `command`.
   * Becomes RootDirectory=.
   *
   * All services of the host that run in the same image share it, so it is read-only. Let the service write to a volume
   * or to `stateDirectory`.
   * @default - `root`, or the host's own system, read-only
   */
  readonly image?: Image;
  /**
   * User of the host that the service runs as, by name or number. Becomes User=.
   *
   * The USER of an image is not used, since its number may belong to another user of the host. To run as that number
   * anyway, set it here.
   * @default - a user that systemd allocates while the service runs (DynamicUser=yes), with the name of the unit. If
   * the host has a user of that name, such as `mail`, the service runs as that user. If the host has only a group of
   * that name, the service does not start. Another `name` avoids both.
   */
  readonly user?: string;
  /**
   * Group of the host that the service runs as, by name or number. Files that the service creates belong to this group.
   * Becomes Group=.
   * @default - the primary group of `user`; without `user`, a group that systemd allocates with the user
   * @see systemd.exec(5)
   */
  readonly group?: string;
  /**
   * Further groups of the host that the service is a member of, by name or number, such as `['ssl-cert']`. They let the
   * service open files of these groups. Becomes SupplementaryGroups=.
   * @default - the groups of `user`; without `user`, none
   * @see systemd.exec(5)
   */
  readonly groups?: readonly string[];
  /**
   * Access rights that files and directories which the service creates do not get, as an octal number: `'0022'` lets
   * other users read them, `'0007'` lets the group read and write them. Becomes UMask=.
   * @default - '0077' in a SystemdService and a trigger: only the service's own user has access; '0022' in a
   * PortableService
   * @see umask(2)
   */
  readonly umask?: string;
  /**
   * Ports that the service listens on. On the host's network, both numbers of a port must be the same, the service can
   * bind no other port (SocketBindAllow=), and a port below 1024 gives it CAP_NET_BIND_SERVICE. On a {@link Network},
   * the ports of the host lead to the service, and it can bind any port.
   * @default - none
   */
  readonly ports?: readonly PortProp[];
  /**
   * Files and directories of the host that the service sees, as `'/srv/shop:/srv/shop'`, or with `:ro` for read-only.
   * The service can write only where its user can. So set `user` to the owner of the directory, or use
   * `stateDirectory`. Becomes BindPaths=, or BindReadOnlyPaths= with `:ro`.
   * @default - none
   */
  readonly volumes?: readonly VolumeProp[];
  /**
   * Capabilities of the service, such as `'CAP_NET_RAW'`. Any capability turns PrivateUsers= off, since capabilities
   * have no effect on the host inside a user namespace. Becomes AmbientCapabilities= and CapabilityBoundingSet=.
   * @default - none
   * @see capabilities(7)
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * The image, or the host's own system, is always read-only for this class. `false` is refused, and the error names
   * the classes whose services can write to their image.
   * @default true
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Signal that asks the service to stop, such as `'SIGINT'`. Becomes KillSignal=.
   * @default - the stop signal of the image, or SIGTERM
   */
  readonly stopSignal?: Open<Signal>;
  /**
   * Any directive of the unit, under its name in the man page. A directive replaces a default of this class. A
   * directive that a prop also sets is refused.
   * @default - none
   * @throws Error for a directive that a prop also sets
   * @see systemd.exec(5), systemd.service(5), systemd.unit(5)
   */
  readonly directives?: WorkloadDirectives;
}

export const PROGRAM_PROPS: KnownProps<ProgramProps> = {
  ...UNIT_PROPS,
  ...JOB_PROPS,
  ...NETWORKED_PROPS,
  ...PROGRAM_DIRECTORIES_PROPS,
  environmentFiles: 'list',
  secrets: 'list',
  command: 'list',
  args: 'list',
  image: true,
  user: true,
  group: true,
  groups: 'list',
  umask: true,
  capabilities: 'list',
  readOnlyRoot: true,
  stopSignal: true,
  directives: true,
};
