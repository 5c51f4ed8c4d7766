import type { UnitPart } from '../../manifest';

/** How long a service without `health` must stay up after its start to count as started, in seconds. */
export const SETTLE_SEC = 6;

/** Limits for a service that ends and that Restart= starts again: it fails after this many ends and this time. */
const RETRY = { sec: 10, ends: 3, longestSec: 30 } as const;

/** A unit to watch after it was started. */
export interface Watched {
  readonly name: string;
  /** How long the unit must stay up. */
  readonly settleSec: number;
  /** The unit is a job, which must end. */
  readonly ends: boolean;
}

/** The watch for a unit that must be active, or must end. */
export function watchedUnit(name: string, unit: UnitPart | undefined): Watched[] {
  if (unit?.state === undefined) return [];
  return [{ name, settleSec: Number(unit.settle ?? SETTLE_SEC), ends: unit.state === 'done' }];
}

/** Why a unit does not count as started. */
export type Verdict =
  /** A condition of the unit is not met, so systemd skipped the start. */
  | { readonly kind: 'skipped'; readonly condition: string }
  | {
      readonly kind: 'failed';
      readonly loadState: string;
      readonly activeState: string;
      readonly subState: string;
      readonly result: string;
      /** How often systemd has restarted the unit on its own. */
      readonly restarts: number;
      readonly exitStatus: string;
    };

/** A line of {@link WATCH} for a unit. */
export function watchLine({ name, settleSec, ends }: Watched): string {
  return `watch ${ends ? 'job' : 'program'} ${settleSec} ${name}\n`;
}

/** Reads lines that {@link WATCH} prints: units that do not count as started. */
export function readVerdicts(lines: readonly string[]): ReadonlyMap<string, Verdict> {
  const verdicts = lines.flatMap((line): [string, Verdict][] => {
    const [kind, name = '', ...fields] = line.split('\t');
    if (kind === 'skipped') return [[name, { kind, condition: fields[0] ?? '' }]];
    if (kind !== 'failed') return [];
    const [loadState = '', activeState = '', subState = '', result = '', restarts = '', exitStatus = ''] = fields;
    return [[name, { kind, loadState, activeState, subState, result, restarts: Number(restarts) || 0, exitStatus }]];
  });
  return new Map(verdicts);
}

/*
 * What decides about a unit is which run of it systemd is at (InvocationID) and whether that run is up: a unit that has
 * been up for its time in one and the same run has started. One that ended may try again by its Restart=, and a run that
 * began in time is waited for. Fields of `known`: kind, time to stay up, run, when that run was first seen, and when it
 * was first seen up. All times are hundredths of a second. A look takes its time: what was seen for
 * the first time counts from the end of the look on, and to the beginning of the last one.
 */
const DECIDE = `
function no(why) {
  printf "%s\\t%s", why, name
  if (why == "failed") printf "\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s", p["LoadState"], state, sub_state, p["Result"], p["NRestarts"], p["ExecMainStatus"]
  print ""
}
function keep(time) {
  print "known\\t" name "\\t" kind " " settle " " run " " began " " up
  if (time > 0 && (wait == "" || time < wait)) wait = time
}
function over(time) { return time > longest || (time > limit && ends >= ${RETRY.ends}) }
function decide() {
  name = p["Id"]
  if (name == "" || !(name in known)) return
  split(known[name], k, " ")
  kind = k[1]; settle = k[2]; run = k[3]; began = k[4]; up = k[5]
  state = p["ActiveState"]; sub_state = p["SubState"]
  if (p["InvocationID"] "" != run "") { run = p["InvocationID"]; began = now; up = "-" }
  if (run == "") run = "-"
  ends = p["NRestarts"] + (state == "activating" && sub_state ~ /^auto-restart/)
  if (state == "active" || state == "reloading") {
    if (settle == 0 || sub_state != "running" || name !~ /\\.service$/) return
    if (up == "-") up = later
    if (now - up >= settle) return
    if (over(began)) no("failed")
    else keep(up + settle - now)
  } else if (state == "activating" && sub_state !~ /^auto-restart/) {
    if (over(began)) no("failed")
    else keep(tick)
  } else if (state == "activating" || state == "deactivating") {
    if (over(now)) no("failed")
    else keep(tick)
  } else if (state == "inactive" && p["ConditionResult"] == "no" && p["ConditionTimestampMonotonic"] > 0) no("skipped")
  else if (state != "inactive" || kind != "job" || p["Result"] != "success") no("failed")
}
/^known\\t/ { split($0, line, "\\t"); known[line[2]] = line[3]; next }
$0 == "" { decide(); split("", p); next }
{ equals = index($0, "="); p[substr($0, 1, equals - 1)] = substr($0, equals + 1) }
END { decide(); print "wait\\t" wait }
`;

/**
 * Shell functions. `watch` watches units until it knows of each unit whether it has started, and prints the units that
 * have not. It looks at the units when they have started, once more when they have been up for their time, and twice a
 * second while a unit is between two states. Argument: the manager. Standard input: lines of kind,
 * seconds and name.
 */
export const WATCH = `
now() { awk '{ printf "%d", $1 * 100 }' /proc/uptime; }
watch() {
  known=$(awk '{ printf "known\\t%s\\t%s %d - 0 -\\n", $3, $1, $2 * 100 }')
  begin=$(now)
  while [ "$known" ]; do
    before=$(now)
    shown=$(printf '%s\\n' "$known" | cut -f 2 | xargs -d '\\n' sh -c 'systemctl $0 show --no-pager \\
      -p Id,LoadState,ActiveState,SubState,Result,NRestarts,InvocationID,ExecMainStatus \\
      -p ConditionResult,ConditionTimestampMonotonic -- "$@"; echo' "$1")
    looked=$(printf '%s\\n%s\\n\\n' "$known" "$shown" |
      awk -v now="$before" -v later="$(now)" -v limit=$((begin + ${RETRY.sec}00)) -v longest=$((begin + ${RETRY.longestSec}00)) \\
        -v tick=50 '${DECIDE}')
    printf '%s\\n' "$looked" | grep '^failed'
    printf '%s\\n' "$looked" | sed -n 's/^skipped\\t//p' | while IFS= read -r name; do
      printf 'skipped\\t%s\\t%s\\n' "$name" \\
        "$(systemd-analyze $1 condition --unit="$name" 2>&1 | sed -n 's/^[^:]*: \\(.*\\) failed\\.$/\\1/p' | head -n 1)"
    done
    known=$(printf '%s\\n' "$looked" | grep '^known')
    [ "$known" ] || break
    sleep "$(printf '%s\\n' "$looked" | awk '$1 == "wait" { printf "%.2f", $2 / 100 }')"
  done
}
`;
