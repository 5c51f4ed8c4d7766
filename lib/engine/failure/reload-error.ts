import type { RunResult } from '../../transport';
import { ApplyError, commandError } from '../errors';
import type { Purpose } from '../run';
import { lastAttempt, readLog } from './last-attempt';
import { HAS_OWN_LINE, JOURNALCTL, logOf, whyOf } from './unit-errors';

/**
 * Reloads units. If a reload fails, prints what the units have logged since, because systemctl says only that it failed.
 * Arguments: the manager, and the units.
 */
export const RELOAD_SCRIPT = `
manager=$1; shift
since=$(date +%s)
systemctl $manager reload -- "$@" && exit
code=$?
for unit; do set -- "$@" "--\${manager:+user-}unit=$unit"; shift; done
journalctl --sync
tries=5
while log=$(${JOURNALCTL} "--since=@$since" "$@"); ! printf '%s' "$log" | ${HAS_OWN_LINE} && [ $tries -gt 0 ]
do tries=$((tries - 1)); sleep 0.2; done
printf '%s' "$log"
exit $code
`;

/** The error of a reload that failed. */
export function reloadError(details: Purpose & { readonly host: string }, result: RunResult): ApplyError {
  const attempt = lastAttempt(readLog(result.stdout.toString()));
  // A user may not be allowed to read the journal.
  if (attempt.lines.length === 0) return commandError(details, result);
  return new ApplyError({ ...details, problem: `its reload failed${whyOf(attempt)}`, log: logOf(attempt) });
}
