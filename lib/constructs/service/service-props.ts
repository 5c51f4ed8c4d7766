import type { IConstruct } from 'constructs';
import type { Environment } from '../props/environment';
import type { KnownProps } from '../props/known-props';
import type { PortProp } from '../props/ports';
import type { Memory } from '../props/quantities';
import type { VolumeProp } from '../props/volumes';

/** What every construct that lands on a host takes. */
export interface ManagedProps {
  /**
   * Name on the host, unique there: letters, digits, `_`, `.` and `-`.
   * @default - the construct ids below the host, joined by `-`
   */
  readonly name?: string;
  /**
   * Takes over files and units of the same name that are on the host already, instead of refusing to touch them. What
   * they held is lost.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * What must be there first: services, or any construct for all that is in it. Terraform's `depends_on`, and for
   * services of the same host After= and Wants=, so that it holds at boot, too. A dependency that fails or restarts does
   * not take this service along.
   * @default - nothing
   */
  readonly dependsOn?: readonly IConstruct[];
}

/** What every service takes, whatever runs it. */
export interface ServiceProps extends ManagedProps {
  /**
   * Environment variables. Values arrive as they are; nothing in them is expanded.
   * @default - none
   */
  readonly environment?: Environment;
  /**
   * Absolute path of the directory to run in.
   * @default - `/`, or what the image says
   */
  readonly workingDirectory?: string;
  /**
   * Ports that others reach the service on. Two services of a host can't have the same one.
   * @default - none: nobody reaches it
   */
  readonly ports?: readonly PortProp[];
  /**
   * Files and directories of the host that it sees.
   * @default - none
   */
  readonly volumes?: readonly VolumeProp[];
  /**
   * Most memory it may use; above that it is killed. MemoryMax=
   * @default - no limit
   */
  readonly memory?: Memory;
  /**
   * CPUs it may use: 1.5 is one and a half. CPUQuota=
   * @default - no limit
   */
  readonly cpu?: number;
  /**
   * Most processes and threads it may have. TasksMax=
   * @default - systemd's DefaultTasksMax=, usually 15 % of what the host can have
   */
  readonly tasks?: number;
  /**
   * What `systemctl status` shows. Description=
   * @default - the name on the host
   */
  readonly description?: string;
}

export const MANAGED_PROPS: KnownProps<ManagedProps> = { name: true, adopt: true, dependsOn: 'list' };

export const SERVICE_PROPS: KnownProps<ServiceProps> = {
  ...MANAGED_PROPS,
  environment: true,
  workingDirectory: true,
  ports: 'list',
  volumes: 'list',
  memory: true,
  cpu: true,
  tasks: true,
  description: true,
};
