import type { Command } from '../../directives/index';
import type { NetworkAccess } from '../network/network-access';
import type { DirectiveSet } from '../props/directive-set';
import type { HealthRuntime } from '../props/health';
import { stoppedStatus } from '../props/stop-signal';
import type { Volume } from '../props/volumes';
import type { Limits } from './container';

export interface DockerUnit {
  /** Name of the service. */
  readonly name: string;
  readonly access: NetworkAccess;
  readonly volumes: readonly Volume[];
  readonly stopSec: number;
  readonly stopSignal: string | number | undefined;
}

/** Time for docker itself to stop a container, in addition to the container's own time. */
const STOP_MARGIN_SEC = 15;

// The unit records its container: after the unit's file names a new container, the old one must still be stopped.
// With 255, a start without the container fails, and is not skipped.
const CONDITION = 'docker container inspect --format "{{.Id}}" "$0" >"$RUNTIME_DIRECTORY/container" || exit 255';
const CONTAINER = '"$(cat "$RUNTIME_DIRECTORY/container")"';
const STOP = `! [ -s "$RUNTIME_DIRECTORY/container" ] || exec docker container stop ${CONTAINER} >/dev/null`;
const STARTED = `docker container inspect --format "{{.State.Pid}}" ${CONTAINER}`;

/** How a probe enters a container. */
export const HEALTH: HealthRuntime = {
  network: ['bash', '-c', `exec nsenter --net --target "$(${STARTED})" "$@"`, 'health'],
  inside: ['bash', '-c', `exec docker container exec ${CONTAINER} "$@"`, 'health'],
};

/** Directives of the unit that starts, watches and stops a container. */
export function dockerUnit(set: DirectiveSet, unit: DockerUnit): DirectiveSet {
  const { access, volumes } = unit;
  const { Requires, After = ['network.target'] } = access.unit;
  const paths = volumes.filter(({ source }) => source.startsWith('/')).map(({ source }) => source);
  const stop: Command = { argv: ['sh', '-c', STOP], prefix: '-' };
  return set
    .defaults('Unit', {
      // A restart of docker ends all containers, so the unit restarts with docker.
      Requires: ['docker.service', ...(Requires ? [Requires] : [])],
      After: ['docker.service', ...After],
      RequiresMountsFor: paths.length > 0 ? paths : undefined,
      // Docker would create a directory for a missing path.
      AssertPathExists: paths.length > 0 ? paths : undefined,
    })
    .defaults('Service', {
      Type: 'exec',
      RuntimeDirectory: `bulkhead/docker/${unit.name}`,
      ExecStop: stop,
      // The container may still run after the process attached to it has ended.
      ExecStopPost: stop,
      SuccessExitStatus: stoppedStatus(unit.stopSignal),
      TimeoutStopSec: unit.stopSec + STOP_MARGIN_SEC,
    });
}

/** Directives that set the container of the unit. */
export function runs(set: DirectiveSet, container: string, { PidsLimit }: Limits): void {
  set.defaults('Service', {
    ExecCondition: { argv: ['sh', '-c', CONDITION, container] },
    // Terraform's docker provider does not support this limit.
    ExecStartPre:
      PidsLimit > 0 ? ['docker', 'container', 'update', '--pids-limit', String(PidsLimit), container] : undefined,
    ExecStart: ['docker', 'container', 'start', '--attach', container],
  });
}
