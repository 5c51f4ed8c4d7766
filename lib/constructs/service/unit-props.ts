import { fail } from '../problem';
import type { Health } from '../props/health';
import type { KnownProps } from '../props/known-props';
import type { Duration, Restart } from '../props/quantities';
import { Service } from './service';
import { SERVICE_PROPS, type ServiceProps } from './service-props';

/** A service that is a group of others, which share its limits. */
export type Slice = Service & { readonly unitName: SliceName };
export type SliceName = `${string}.slice`;

/** Props of a service that a systemd unit of its own runs. */
export interface UnitProps extends ServiceProps {
  /**
   * The {@link SystemdSlice} whose limits it shares with others. Slice=
   * @default - system.slice, for a machine machine.slice
   */
  readonly slice?: Slice;
  /**
   * When to start it again after it ended: 2 s later, as often as it ends. Restart=, RestartSec=2,
   * StartLimitIntervalSec=0
   * @default 'on-failure'; 'no' for a job
   */
  readonly restart?: Restart;
  /**
   * When it counts as started, for an apply and for what depends on it, also at boot: once a probe succeeds, such as
   * `{ http: 'http://localhost:3000/healthz' }`, `{ tcp: 5432 }` or `{ command: ['/usr/bin/pg_isready'] }`, or with
   * `'notify'` once it says so itself. It is asked at each start, not later. Costs one process per attempt, of bash on
   * the host. ExecStartPost=
   * @default - at boot, as soon as its program runs; for an apply, once it has stayed up for the `settleTime` of its host, 6 s. If it ends before, it may
   * try again by `restart` for 10 s, and until it has ended three times.
   */
  readonly health?: Health;
  /**
   * How long it gets to stop before it is killed. TimeoutStopSec=
   * @default - 90 s; 10 s in podman, and 30 s for the program of a machine
   */
  readonly stopTimeout?: Duration;
}

/** Props of a service that may be a job. */
export interface JobProps {
  /**
   * It is a job that runs to its end, such as the migration of a database: an apply runs it once, and again when what it
   * runs changes (its unit, image, or a file that it uses), before it goes on with what has it in `dependsOn`. It has
   * succeeded when it ends with exit code 0. It does not run at boot. An apply waits for it without a limit, unless
   * `directives.Service.TimeoutStartSec` sets one. Type=oneshot
   * @default false
   */
  readonly oneshot?: boolean;
}

export const JOB_PROPS: KnownProps<JobProps> = { oneshot: true };

export const UNIT_PROPS: KnownProps<UnitProps> = {
  ...SERVICE_PROPS,
  slice: true,
  restart: true,
  health: true,
  stopTimeout: true,
};

/** Checks a `slice` prop. @throws Error for anything but a slice of the service's host */
export function checkSlice(slice: Slice | undefined, service: Service): Slice | undefined {
  if (slice === undefined) return undefined;
  const at = `${service.node.path}.slice`;
  if (!(slice instanceof Service && slice.unitName?.endsWith('.slice')))
    return fail({ action: 'use as slice', value: slice, problem: 'is none', expected: 'a SystemdSlice', at });
  if (service.rootless)
    return fail({
      action: 'use as slice',
      value: slice.node.path,
      problem: "is one of the system's",
      expected: 'none, since the service is rootless',
      at,
    });
  if (slice.host.address === service.host.address) return slice;
  return fail({
    action: 'use as slice',
    value: slice.node.path,
    problem: 'is on another host',
    expected: `one on ${service.host.node.path}`,
    at,
  });
}
