import { fail } from '../problem';
import type { Health } from '../props/health';
import type { KnownProps } from '../props/known-props';
import type { Duration, Restart } from '../props/quantities';
import { Service } from './service';
import { SERVICE_PROPS, type ServiceProps } from './service-props';

/** A construct for a group of services that share limits. */
export type Slice = Service & { readonly unitName: SliceName };
export type SliceName = `${string}.slice`;

/** Props of a service that runs in a systemd unit. */
export interface UnitProps extends ServiceProps {
  /**
   * The {@link SystemdSlice} whose limits the service shares with other services. Becomes Slice=.
   * @default - system.slice; machine.slice for a machine
   * @see systemd.slice(5)
   */
  readonly slice?: Slice;
  /**
   * When systemd starts the service again after it ended. Each new start comes 2 s later, without a limit on their
   * number. Becomes Restart=, with RestartSec=2 and StartLimitIntervalSec=0.
   * @default 'on-failure'; 'no' for a job
   * @see systemd.service(5)
   */
  readonly restart?: Restart;
  /**
   * When the service counts as started. An apply waits for that, and so do services that depend on it, also at boot.
   *
   * A probe is `{ http: 'http://localhost:3000/healthz' }`, `{ tcp: 5432 }` or `{ command: ['/usr/bin/pg_isready'] }`.
   * It is repeated after each start until it succeeds, and it does not run later. Each attempt costs one bash process
   * on the host. Becomes ExecStartPost=. `'notify'` waits until the program itself reports that it is ready.
   * @default - at boot, once the program runs. An apply waits until the program has run for the `settleTime` of its
   * host, 6 s. If the program ends earlier, `restart` may start it again for 10 s, and until it has ended three times.
   */
  readonly health?: Health;
  /**
   * Time that the service gets to stop before it is killed: seconds, or a number with a unit such as `'2min'`. Becomes
   * TimeoutStopSec=.
   * @default - 90 s; 10 s in podman, 30 s for the program of a machine
   */
  readonly stopTimeout?: Duration;
}

/** Props of a service that can be a job. */
export interface JobProps {
  /**
   * Makes the service a job that runs to its end, such as a database migration. Becomes Type=oneshot.
   *
   * An apply runs the job once, and again when its unit, its image or a file that it uses changes. Services that have
   * the job in `dependsOn` wait for it. The job has succeeded when it ends with exit code 0. It does not run at boot.
   * An apply waits for the job without a limit. To set a limit, use `directives.Service.TimeoutStartSec`.
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

/** Checks a `slice` prop. @throws Error for a value that is not a slice of the service's host */
export function checkSlice(slice: Slice | undefined, service: Service): Slice | undefined {
  if (slice === undefined) return undefined;
  const at = `${service.node.path}.slice`;
  if (!(slice instanceof Service && slice.unitName?.endsWith('.slice')))
    return fail({
      action: 'use as slice',
      value: slice,
      problem: 'is not a SystemdSlice',
      expected: "a SystemdSlice such as new SystemdSlice(host, 'batch')",
      at,
    });
  if (service.rootless)
    return fail({
      action: 'use as slice',
      value: slice.node.path,
      problem: 'belongs to the system',
      expected: 'no slice, since the service is rootless',
      at,
    });
  if (slice.host.address === service.host.address) return slice;
  return fail({
    action: 'use as slice',
    value: slice.node.path,
    problem: 'is on another host',
    expected: `a SystemdSlice on ${service.host.node.path}`,
    at,
  });
}
