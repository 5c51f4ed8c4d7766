import type { Transport } from '../../transport';
import type { Verdict } from '../commit/watch';
import { ApplyError } from '../errors';
import { GENERATORS } from '../kinds';
import { readSections } from '../observe/sections';
import { scopeOf } from '../scope';
import type { ServicePlan } from '../step';
import { manager } from '../units';
import { hintFor, lineThatMatters } from './hints';
import { type Attempt, lastAttempt, readLog } from './last-attempt';

/** How much of a unit's log is read, and how many lines of its last attempt an error shows. */
const ENTRIES_READ = 400;
const LINES_SHOWN = 20;
/** Command that prints entries of the journal for `readLog`. */
export const JOURNALCTL = `journalctl --no-pager --quiet -o json -n ${ENTRIES_READ} \\
    --output-fields=MESSAGE,MESSAGE_ID,INVOCATION_ID,USER_INVOCATION_ID,UNIT,USER_UNIT,EXIT_CODE,EXIT_STATUS,PRIORITY,SYSLOG_IDENTIFIER`;
/** Command that says whether there is an entry of the unit itself in what `JOURNALCTL` prints. */
export const HAS_OWN_LINE = `grep -qv '"\\(USER_\\)\\{0,1\\}UNIT":'`;
/** Longer ones are cut in the first line of an error. */
const LONGEST_LINE = 200;

/** A unit that has not started, of a plan. */
export interface NotStarted {
  readonly plan: Pick<ServicePlan, 'name' | 'path' | 'user' | 'desired'>;
  readonly unit: string;
  /** When starting it began, in seconds since 1970. */
  readonly since: string;
  /** What systemctl said. */
  readonly said: string;
  readonly verdict: Extract<Verdict, { kind: 'failed' }>;
}

/** The errors of units that have not started, by the name of their service. Reads all of their logs in one round trip. */
export async function unitErrors(
  transport: Transport,
  failed: readonly NotStarted[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, ApplyError>> {
  const loaded = failed.filter(({ verdict }) => verdict.loadState !== 'not-found');
  const logs = loaded.length > 0 ? await readLogs(transport, loaded, signal) : [];
  const errors = new Map<string, ApplyError>();
  for (const each of failed) {
    if (errors.has(each.plan.name)) continue;
    const index = loaded.indexOf(each);
    const error =
      index < 0 ? await notAccepted(transport, each) : notStarted(transport.address, each, logs[index] ?? '');
    errors.set(each.plan.name, error);
  }
  return errors;
}

async function readLogs(transport: Transport, units: readonly NotStarted[], signal: AbortSignal | undefined) {
  const words = units.flatMap(({ unit, since, plan }) => [unit, since, plan.user ?? '']);
  const { stdout } = await transport.run(['sh', '-c', LOG_SCRIPT, 'sh', ...words], { ...(signal && { signal }) });
  const sections = readSections(stdout);
  return units.map((_, index) => sections?.get(String(index + 1))?.toString() ?? '');
}

// The journal may lag behind what systemd says, so lines of the programs are waited for, up to a second in all. A user
// may not read the journal, so root asks for that user's.
const LOG_SCRIPT = `
journalctl --sync
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
show() { ${JOURNALCTL} "$@"; }
n=1 tries=5
while [ $# -gt 0 ]; do
  since=--since=@$2
  while
    if [ "$3" ]; then
      uid=$(id -u "$3")
      show "$since" "_SYSTEMD_USER_UNIT=$1" "_UID=$uid" + "USER_UNIT=$1" "_UID=$uid"
    else show "$since" -u "$1"; fi > "$dir/$n"
    ! ${HAS_OWN_LINE} "$dir/$n" && [ $tries -gt 0 ]
  do tries=$((tries - 1)); sleep 0.2; done
  shift 3; n=$((n + 1))
done
cd "$dir" && stat -c '%s %n' -- * && echo && cat -- *
`;

function notStarted(host: string, { plan, unit, verdict }: NotStarted, log: string): ApplyError {
  const attempt = lastAttempt(readLog(log));
  const { result } = verdict;
  const hint = hintFor({ runtime: plan.desired?.runtime ?? '', attempt, result });
  const more = `journalctl ${plan.user === undefined ? '-u ' : '_SYSTEMD_USER_UNIT='}${unit}`;
  return new ApplyError({
    host,
    service: plan.path,
    action: `start ${unit}`,
    at: ['units', unit],
    problem: problemOf(verdict, attempt, expectation(plan, unit)),
    log: logOf(attempt),
    advice: hint === undefined ? more : `${hint}; ${more} shows its whole log`,
  });
}

/** What it was to be. */
function expectation({ desired }: NotStarted['plan'], unit: string): string {
  return desired?.units[unit]?.state === 'done' ? 'expected it to end with exit code 0' : 'expected it to stay up';
}

function problemOf(verdict: NotStarted['verdict'], attempt: Attempt, expected: string): string {
  const { activeState, subState, result, restarts } = verdict;
  const end = endOf(attempt, verdict);
  const state = end === undefined ? `it is ${activeState} (${subState}, ${result})` : `it ${end}`;
  const again = restarts > 0 ? ` and was started again ${restarts === 1 ? 'once' : `${restarts} times`}` : '';
  return `${state}${again}, ${expected}${whyOf(attempt)}`;
}

/** The line with the cause, after a colon. Empty when there is none. */
export function whyOf(attempt: Attempt): string {
  const line = lineThatMatters(attempt);
  if (line === undefined) return '';
  return `: ${line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line}`;
}

/** The lines of an attempt that an error shows. */
export const logOf = ({ lines }: Attempt): string => lines.slice(-LINES_SHOWN).join('\n');

function endOf({ end }: Attempt, { activeState, result, exitStatus }: NotStarted['verdict']): string | undefined {
  if (result === 'oom-kill') return 'was killed because it had no memory left';
  if (result === 'timeout') return 'did not start in time';
  if (end?.code === 'exited') return `ended with exit code ${end.status}`;
  if (end) return `was killed by SIG${end.status}`;
  if (activeState === 'inactive' && result === 'success' && exitStatus === '0') return 'ended with exit code 0';
  return undefined;
}

/** systemd has no such unit: what makes it from a file says why. */
async function notAccepted(transport: Transport, { plan, unit, said }: NotStarted): Promise<ApplyError> {
  const scope = scopeOf(transport, plan.user);
  const checks = GENERATORS.map(({ check }) => scope.run(['sh', '-c', check, 'sh', ...manager(plan.user)]));
  const words = (await Promise.all(checks)).map(({ stderr }) => stderr).join('');
  return new ApplyError({
    host: transport.address,
    service: plan.path,
    action: `start ${unit}`,
    at: ['units', unit],
    problem: 'systemd did not accept the file of the unit',
    stderr: words || said,
  });
}
