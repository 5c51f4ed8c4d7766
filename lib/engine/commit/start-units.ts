import type { Command } from '../sequence';
import { manager } from '../units';
import { readVerdicts, type Verdict, WATCH, type Watched, watchLine } from './watch';

/** Names of any number of units. */
export interface UnitsToStart {
  readonly restart: readonly string[];
  readonly start: readonly string[];
  /** Units that systemd has loaded already. */
  readonly loaded: readonly string[];
  /** All units that must be active in the end. */
  readonly active: readonly string[];
}

/** Result of a start. */
export interface Started {
  /** Time when the start began, in seconds since 1970. */
  readonly since: string;
  /** Output of systemd. */
  readonly said: string;
  /** Units that do not count as started. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** The command that restarts and starts units, and watches some of them until it is known whether they have started. */
export function startCommand(
  units: UnitsToStart,
  watched: readonly Watched[],
  user: string | undefined,
  told: (started: Started) => void,
): Command {
  const lines = Object.entries(units).flatMap(([verb, names]: [string, string[]]) =>
    names.map((name) => `${verb} ${name}\n`),
  );
  return {
    argv: ['sh', '-c', START_SCRIPT, 'sh', ...manager(user)],
    user,
    input: Buffer.from([...lines, ...watched.map(watchLine)].join('')),
    purpose: { action: 'start units' },
    ended: ({ stdout, stderr }) => {
      const [since = '', ...verdicts] = stdout.toString().split('\n');
      told({ since, said: stderr, verdicts: readVerdicts(verdicts) });
    },
  };
}

/*
 * Units may have used up their starts, failing or being changed often: reset-failed makes StartLimitBurst= count anew.
 * Those that restart because one that they need did are not waited for unless they are asked for, too, and until then
 * they may have tried in vain.
 */
const START_SCRIPT = `${WATCH}
date +%s
asked="
$(cat)"
manager=$1
list() {
  case "$asked" in *"
$1 "*) printf '%s\\n' "$asked" | sed -n "s/^$1 //p" ;; esac
}
units() {
  names=$1; shift
  [ -z "$names" ] || printf '%s\\n' "$names" | xargs -d '\\n' systemctl $manager "$@" --
}
units "$(list loaded)" reset-failed 2>/dev/null
waiting=$(list start)
restart=$(list restart)
if [ "$restart" ]; then
  units "$restart" restart
  jobs=$(systemctl $manager list-jobs --plain --no-legend --no-pager)
  if [ "$jobs" ]; then
    along=$({
      list active | sort -u
      printf '%s\\n' "$jobs" | sed -n 's/^ *[0-9][0-9]*  *\\([^ ]*\\).*/\\1/p' | sort -u
    } | sort | uniq -d)
    waiting=$(printf '%s\\n' "$waiting" "$along" | grep . | sort -u)
  fi
  units "$waiting" reset-failed 2>/dev/null
fi
units "$waiting" start
watched=$(list watch)
[ -z "$watched" ] || printf '%s\\n' "$watched" | watch "$manager"
exit 0
`;
