import { fail } from '../problem';
import type { DirectiveSet } from '../props/directive-set';
import { parseCpu, parseDuration, parseMemory, parseRestart, parseTasks } from '../props/quantities';
import type { JobProps, UnitProps } from './unit-props';

/**
 * Seconds between the end of a service and its next start. It is short enough for users, and long enough to spare the
 * host.
 */
const RESTART_SEC = 2;

/** Directives of [Unit], [Service] and [Install] for the unit of every service. */
export function unitDirectives(
  set: DirectiveSet,
  name: string,
  props: UnitProps & JobProps,
  path: string,
): DirectiveSet {
  checkJob(props, path);
  const stop = parseDuration(props.stopTimeout, `${path}.stopTimeout`);
  // systemd's default start limit gives up on a service within a second, so the limit is turned off.
  const restarts = props.restart === undefined ? !props.oneshot : props.restart !== 'no';
  return set
    .defaults('Unit', { Description: name })
    .prop('description', 'Unit', { Description: props.description })
    .prop('memory', 'Service', { MemoryMax: parseMemory(props.memory, path) })
    .prop('cpu', 'Service', { CPUQuota: parseCpu(props.cpu, path) })
    .prop('tasks', 'Service', { TasksMax: parseTasks(props.tasks, path) })
    .prop('slice', 'Service', { Slice: props.slice?.unitName })
    .defaults('Unit', { StartLimitIntervalSec: restarts ? 0 : undefined })
    .defaults('Service', {
      Restart: props.oneshot ? 'no' : 'on-failure',
      RestartSec: restarts ? RESTART_SEC : undefined,
    })
    .defaults('Service', props.oneshot ? { TimeoutStartSec: 'infinity' } : {})
    .prop('oneshot', 'Service', { Type: props.oneshot ? 'oneshot' : undefined })
    .prop('restart', 'Service', { Restart: parseRestart(props.restart, path) })
    .prop('stopTimeout', 'Service', { TimeoutStopSec: stop })
    .defaults('Install', { WantedBy: 'multi-user.target' });
}

function checkJob({ oneshot, health, restart }: UnitProps & JobProps, path: string): void {
  if (!oneshot) return;
  if (health !== undefined)
    fail({
      action: 'probe a job',
      value: health,
      problem: 'it has succeeded once it ends with exit code 0',
      expected: 'no health, or no oneshot',
      at: `${path}.health`,
    });
  if (restart === 'always' || restart === 'on-success')
    fail({
      action: 'set restart of a job to',
      value: restart,
      problem: 'it would never end',
      expected: '"no", "on-failure", "on-abnormal", "on-watchdog" or "on-abort"',
      at: `${path}.restart`,
    });
}
