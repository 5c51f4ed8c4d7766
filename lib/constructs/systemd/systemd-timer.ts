import type { Construct } from 'constructs';
import type { TimerSection } from '../../directives/index';
import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';
import { type Duration, parseDuration } from '../props/quantities';
import type { WorkloadDirectives } from '../service/workload';
import { SYSTEMD_TRIGGER_PROPS, SystemdTrigger, type SystemdTriggerProps } from './systemd-trigger';

type TimerDirectives = WorkloadDirectives & { readonly Timer?: TimerSection };

export interface SystemdTimerProps extends SystemdTriggerProps {
  /**
   * When to run, as in systemd.time(7): `daily`, `Mon..Fri 22:30` or `*-*-01 04:00:00 UTC`. A list sets several times.
   * A time without a time zone is in the host's time zone. Becomes OnCalendar=.
   * @default - the times in `directives.Timer`, such as OnUnitActiveSec=
   */
  readonly onCalendar?: string | readonly string[];
  /**
   * Runs the program right after boot if the host was off at the set time. Becomes Persistent=.
   * @default false
   */
  readonly persistent?: boolean;
  /**
   * Longest random delay, chosen anew for each run, so that many hosts do not run at the same moment: seconds, or a
   * number with a unit such as `'15min'`. Becomes RandomizedDelaySec=.
   * @default 0
   */
  readonly randomizedDelay?: Duration;
  /**
   * Any directive of the timer (`Timer`, `Install`) and of its service (`Unit`, `Service`), under its name in the man
   * page. A directive replaces a default of this class. A directive that a prop also sets is refused.
   * @default - none
   * @throws Error for a directive that a prop also sets
   * @see systemd.timer(5), systemd.service(5)
   */
  readonly directives?: TimerDirectives;
}

const PROPS: KnownProps<SystemdTimerProps> = {
  ...SYSTEMD_TRIGGER_PROPS,
  onCalendar: true,
  persistent: true,
  randomizedDelay: true,
};

/**
 * A program of the host that runs at certain times and then ends. It runs in the sandbox of a {@link SystemdService}.
 * With `service`, the timer starts that workload instead. A change does not interrupt a running program: it applies
 * from the next run on.
 *
 * On the host: /etc/systemd/system/NAME.timer, started and enabled, and NAME.service.
 */
export class SystemdTimer extends SystemdTrigger<TimerDirectives> {
  constructor(scope: Construct, id: string, props: SystemdTimerProps) {
    super(scope, id, props, PROPS, { kind: 'timer', target: 'timers.target' });
    const at = this.node.path;
    const { onCalendar, directives } = props;
    const times = onCalendar === undefined ? [] : [onCalendar].flat();
    if (times.length === 0 && !Object.keys(directives?.Timer ?? {}).some((key) => key.startsWith('On')))
      fail({
        action: 'run at',
        value: onCalendar,
        problem: 'it would never run',
        expected: 'a time such as "daily", or directives.Timer with OnBootSec, OnUnitActiveSec, ...',
        at: `${at}.onCalendar`,
      });
    this.runsOnce({ Type: 'oneshot' }, props.restart);
    this.trigger
      .prop('onCalendar', 'Timer', { OnCalendar: times.length > 0 ? times : undefined })
      .prop('persistent', 'Timer', { Persistent: props.persistent })
      .prop('randomizedDelay', 'Timer', {
        RandomizedDelaySec: parseDuration(props.randomizedDelay, `${at}.randomizedDelay`),
      });
    this.finish(directives);
  }
}
