import type { ServiceSection } from '../../directives/index';
import { stoppedStatus } from '../props/stop-signal';

/** What the program of a container gets to end when nothing else is said. */
const USUAL_SEC = 10;

/** Time for what is done after its end: unmounting, and deleting what it has written. */
const MARGIN_SEC = 60;

// What runs the container hands each signal on. TimeoutStopSec= would cut off the commands that clean up as well.
const STOP = `[ "$MAINPID" ] && kill -s "$1" "$MAINPID" 2>/dev/null || exit 0
end=$(($(date +%s) + $0))
while kill -0 "$MAINPID" 2>/dev/null; do
  [ "$(date +%s)" -lt "$end" ] || exec kill -s KILL "$MAINPID"
  sleep 0.1
done`;

/** [Service] directives that ask the program of a container to end, and kill it when it does not in time. */
export function stopDirectives(signal: string | number | undefined, seconds = USUAL_SEC): ServiceSection {
  const name = String(signal ?? 'SIGTERM').replace(/^SIG/, '');
  const limit = Math.ceil(seconds);
  return {
    ExecStop: { argv: ['sh', '-c', STOP, String(limit), name], prefix: '-' },
    SuccessExitStatus: stoppedStatus(signal),
    TimeoutStopSec: limit + MARGIN_SEC,
  };
}
