import type { Capability, OciConfig, OciLinux, OciProcess, OciRoot, Open } from '../../directives/index';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import type { Image } from '../props/image';
import type { KnownProps } from '../props/known-props';
import { JOB_PROPS, type JobProps, UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';

/** Sections of the unit, and of config.json: `config` is what stands there beside the three objects. */
export type OciDirectives = WorkloadDirectives & {
  readonly config?: OciConfig;
  readonly process?: Partial<Omit<OciProcess, 'env'>>;
  readonly root?: Omit<OciRoot, 'path'>;
  readonly linux?: Omit<OciLinux, 'cgroupsPath'>;
};

/** Props of a container that an OCI runtime runs. */
export interface OciProps extends UnitProps, JobProps, NetworkedProps {
  /**
   * What it runs. Of an {@link Image.oci} what it says of how to run it is not known at synthesis: `command` says it, with
   * `user`, `environment` and whatever else it needs.
   */
  readonly image: Image;
  /**
   * The program to run instead of the image's ENTRYPOINT and CMD, with its arguments. process.args
   * @default - what the image says
   */
  readonly command?: readonly string[];
  /**
   * Arguments for the image's ENTRYPOINT instead of its CMD, or further ones after those of `command`. process.args
   * @default - what the image says
   */
  readonly args?: readonly string[];
  /**
   * User inside of the container: a name that the image has, a number, or either with a group, as `www-data:www-data`. A
   * number without a group has the group of that number. For an {@link Image.oci} numbers alone, or root. process.user
   * @default - what the image says; otherwise root
   */
  readonly user?: string;
  /**
   * Exactly the capabilities that it holds. They also widen the filter of system calls: CAP_SYS_ADMIN brings mount(2).
   * process.capabilities, linux.seccomp
   * @default - none; CAP_NET_BIND_SERVICE for a port below 1024 on the host's network
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Mounts the image read-only. It can still write to /tmp, /run, /var/tmp and its volumes. root.readonly
   * @default true
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Signal that asks its program to stop: `'SIGQUIT'`, or a number. ExecStop=
   * @default - what the image says, or SIGTERM
   */
  readonly stopSignal?: string | number;
  /**
   * Any directive of the unit and any value of the container's config.json, under their own names. Each replaces a default
   * of this class; one that a prop sets as well is refused.
   * @see systemd.service(5), systemd.unit(5), https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md
   */
  readonly directives?: OciDirectives;
}

export const OCI_PROPS: KnownProps<OciProps> = {
  ...UNIT_PROPS,
  ...JOB_PROPS,
  ...NETWORKED_PROPS,
  image: true,
  command: 'list',
  args: 'list',
  user: true,
  capabilities: 'list',
  readOnlyRoot: true,
  stopSignal: true,
  directives: true,
};
