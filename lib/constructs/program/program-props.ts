import type { Capability, Open, Signal } from '../../directives/index';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import type { EnvironmentFilesProps } from '../props/environment';
import type { Image } from '../props/image';
import type { KnownProps } from '../props/known-props';
import type { PortProp } from '../props/ports';
import type { VolumeProp } from '../props/volumes';
import { JOB_PROPS, type JobProps, UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';

/** What a unit of systemd takes that runs a program itself, of the host or of an image. */
export interface ProgramProps extends UnitProps, JobProps, EnvironmentFilesProps, NetworkedProps {
  /**
   * The program, by its absolute path, and its arguments. Each word arrives as it is: no shell, and nothing in it is
   * expanded. ExecStart=
   * @default - what an OCI image says: its ENTRYPOINT and CMD; needed without one
   */
  readonly command?: readonly string[];
  /**
   * Further arguments, after those of `command`; for an OCI image without `command`, instead of its CMD.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * What it runs in instead of the host's own system: any {@link Image}; one of a registry needs `command`. All services of
   * the host that run in the same one share it, so it is read-only; what the service writes belongs in a volume or in
   * `stateDirectory`. The image brings its environment, working directory and stop signal, and what `command` is by
   * default. RootDirectory=
   * @default - `root`, or the host's own system, read-only
   */
  readonly image?: Image;
  /**
   * User of the host to run as, by name or number. User=
   * @default - one made up for as long as it runs, of the unit's name (DynamicUser=yes). Where the host has a user of that
   * name, such as `mail`, it runs as that one; where only a group has it, it does not start. Another `name` avoids both. The USER of an image is not used, since its number
   * may be another user's on the host: to run as that number all the same, write it here.
   */
  readonly user?: string;
  /**
   * Ports that it listens on. On the host's network it can bind no others (SocketBindAllow=), both sides are the same,
   * and a port below 1024 gives it CAP_NET_BIND_SERVICE. On a {@link Network} they lead to it, and it can bind any.
   * @default - none
   */
  readonly ports?: readonly PortProp[];
  /**
   * Files and directories of the host that it sees, as `'/srv/shop:/srv/shop'`, or with `:ro` for reading only. The
   * service writes only where its user may: set `user` to the owner of the directory, or use `stateDirectory` instead.
   * BindPaths=, BindReadOnlyPaths=
   * @default - none
   */
  readonly volumes?: readonly VolumeProp[];
  /**
   * Capabilities that it holds. Any of them turns PrivateUsers= off, since they would mean nothing inside of it.
   * AmbientCapabilities=, CapabilityBoundingSet=
   * @default - none
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Name of a directory below /var/lib that it may write and that outlives it; its path is in `$STATE_DIRECTORY`. Only
   * the service's own user sees into it (StateDirectoryMode=0700). StateDirectory=
   * @default - none
   */
  readonly stateDirectory?: string;
  /**
   * An image is read-only, as is the host's own system: `false` is refused, with the classes that can write to theirs.
   * @default true
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Signal that asks it to stop. KillSignal=
   * @default - what the image says, or SIGTERM
   */
  readonly stopSignal?: Open<Signal>;
  /**
   * Any directive of the unit, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
   * @see systemd.exec(5), systemd.service(5), systemd.unit(5)
   */
  readonly directives?: WorkloadDirectives;
}

export const PROGRAM_PROPS: KnownProps<ProgramProps> = {
  ...UNIT_PROPS,
  ...JOB_PROPS,
  ...NETWORKED_PROPS,
  environmentFiles: 'list',
  command: 'list',
  args: 'list',
  image: true,
  user: true,
  capabilities: 'list',
  stateDirectory: true,
  readOnlyRoot: true,
  stopSignal: true,
  directives: true,
};
