import type { IConstruct } from 'constructs';
import type { ConfigFile } from './config-file';
import type { Health } from './health';
import type { KnownProps } from './known-props';
import type { PortProp } from './ports';
import type { Duration, Memory, Restart } from './quantities';
import type { SystemdSlice } from './systemd-slice';
import type { VolumeProp } from './volumes';

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
  readonly environment?: Readonly<Record<string, string>>;
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
   * Group of services whose limits it shares. Slice=
   * @default - system.slice, for a machine machine.slice
   */
  readonly slice?: SystemdSlice;
  /**
   * When to start it again after it ended. Restart=
   * @default 'on-failure'
   */
  readonly restart?: Restart;
  /**
   * When it counts as started, for an apply and for what depends on it, also at boot: once a probe succeeds, such as
   * `{ http: 'http://localhost:3000/healthz' }`, `{ tcp: 5432 }` or `{ command: ['/usr/bin/pg_isready'] }`, or with
   * `'notify'` once it says so itself. It is asked at each start, not later. Costs one process per attempt, of bash on
   * the host. ExecStartPost=
   * @default - as soon as its program runs
   */
  readonly health?: Health;
  /**
   * How long it gets to stop before it is killed. TimeoutStopSec=
   * @default - 90 s; 10 s in podman, and 30 s for the program of a machine
   */
  readonly stopTimeout?: Duration;
  /**
   * What `systemctl status` shows. Description=
   * @default - the name on the host
   */
  readonly description?: string;
}

/** Files of variables, for the runtimes that read them. */
export interface EnvironmentFilesProps {
  /**
   * Files of `NAME=value` lines on the host, read at each start. EnvironmentFile=
   * @default - none
   */
  readonly environmentFiles?: readonly (string | ConfigFile)[];
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
  slice: true,
  restart: true,
  health: true,
  stopTimeout: true,
  description: true,
};
