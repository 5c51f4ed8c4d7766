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

/** What docker needs to stop a container, beside the time that the container has. */
const STOP_MARGIN_SEC = 15;

// Which container it is, is written down: once the unit's file names another one, this one is still to be stopped.
const CONDITION = 'docker container inspect --format "{{.Id}}" "$0" >"$RUNTIME_DIRECTORY/container"';
const CONTAINER = '"$(cat "$RUNTIME_DIRECTORY/container")"';
const STOP = `! [ -s "$RUNTIME_DIRECTORY/container" ] || exec docker container stop ${CONTAINER} >/dev/null`;
const STARTED = `docker container inspect --format "{{.State.Pid}}" ${CONTAINER}`;

/** How a probe gets into a container. */
export const HEALTH: HealthRuntime = {
  network: ['bash', '-c', `exec nsenter --net --target "$(${STARTED})" "$@"`, 'health'],
  inside: ['bash', '-c', `exec docker container exec ${CONTAINER} "$@"`, 'health'],
};

/** Directives of the unit that starts a container, follows it and stops it. */
export function dockerUnit(set: DirectiveSet, unit: DockerUnit): DirectiveSet {
  const { access, volumes } = unit;
  const { Requires, After = ['network.target'] } = access.unit;
  const paths = volumes.filter(({ source }) => source.startsWith('/')).map(({ source }) => source);
  const stop: Command = { argv: ['sh', '-c', STOP], prefix: '-' };
  return set
    .defaults('Unit', {
      // A restart of docker ends all containers: the unit follows it.
      Requires: ['docker.service', ...(Requires ? [Requires] : [])],
      After: ['docker.service', ...After],
      RequiresMountsFor: paths.length > 0 ? paths : undefined,
      // Docker would make a directory of what is missing.
      AssertPathExists: paths.length > 0 ? paths : undefined,
    })
    .defaults('Service', {
      Type: 'exec',
      RuntimeDirectory: `bulkhead/docker/${unit.name}`,
      ExecStop: stop,
      // When what is attached to it has ended, the container may go on.
      ExecStopPost: stop,
      SuccessExitStatus: stoppedStatus(unit.stopSignal),
      TimeoutStopSec: unit.stopSec + STOP_MARGIN_SEC,
    });
}

/** Directives that say which container the unit runs. */
export function runs(set: DirectiveSet, container: string, { PidsLimit }: Limits): void {
  set.defaults('Service', {
    ExecCondition: { argv: ['sh', '-c', CONDITION, container] },
    // Terraform's provider of docker does not know this limit.
    ExecStartPre:
      PidsLimit > 0 ? ['docker', 'container', 'update', '--pids-limit', String(PidsLimit), container] : undefined,
    ExecStart: ['docker', 'container', 'start', '--attach', container],
  });
}
