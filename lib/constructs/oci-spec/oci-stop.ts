import type { ServiceSection } from '../../directives/index';
import { stoppedStatus } from '../props/stop-signal';

/** Default seconds for the program of a container to end. */
const USUAL_SEC = 10;

/** Seconds for the cleanup after the end: unmounting, and deleting the files that the container wrote. */
const MARGIN_SEC = 60;

// The runtime forwards each signal to the program. TimeoutStopSec= alone would also cut off the cleanup commands.
const STOP = `[ "$MAINPID" ] && kill -s "$1" "$MAINPID" 2>/dev/null || exit 0
end=$(($(date +%s) + $0))
while kill -0 "$MAINPID" 2>/dev/null; do
  [ "$(date +%s)" -lt "$end" ] || exec kill -s KILL "$MAINPID"
  sleep 0.1
done`;

/** [Service] directives that ask the program of a container to end, and kill it after the time limit. */
export function stopDirectives(signal: string | number | undefined, seconds = USUAL_SEC): ServiceSection {
  const name = String(signal ?? 'SIGTERM').replace(/^SIG/, '');
  const limit = Math.ceil(seconds);
  return {
    ExecStop: { argv: ['sh', '-c', STOP, String(limit), name], prefix: '-' },
    SuccessExitStatus: stoppedStatus(signal),
    TimeoutStopSec: limit + MARGIN_SEC,
  };
}
