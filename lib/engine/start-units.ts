import type { Scope } from './scope';
import { manager } from './units';

/** Names of units, as many as there may be. */
export interface UnitsToStart {
  readonly restart: readonly string[];
  readonly start: readonly string[];
  /** Those of them that systemd knows already. */
  readonly loaded: readonly string[];
  /** All that are to be active in the end. */
  readonly active: readonly string[];
}

/**
 * Restarts and starts units and waits for them, in one round trip. Which of them failed is found by looking at them.
 * @returns what systemd said about it
 */
export async function startUnits(scope: Scope, units: UnitsToStart, signal?: AbortSignal): Promise<string> {
  const lines = Object.entries(units).flatMap(([verb, names]: [string, string[]]) =>
    names.map((name) => `${verb} ${name}\n`),
  );
  const input = Buffer.from(lines.join(''));
  const { stderr } = await scope.run(['sh', '-c', START_SCRIPT, 'sh', ...manager(scope)], {
    input,
    ...(signal && { signal }),
  });
  return stderr;
}

/*
 * Units may have used up their starts, failing or being changed often: reset-failed makes StartLimitBurst= count anew.
 * Those that restart because one that they need did are not waited for unless they are asked for, too, and until then
 * they may have tried in vain.
 */
const START_SCRIPT = `
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
exit 0
`;
