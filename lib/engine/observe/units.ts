import { type ActualUnit, unitIn } from '../state';

/**
 * Prints what systemd knows of units, in blocks of `Key=value`. Arguments: `--system` or `--user`, and `yes` for what
 * only a person wants to know about those that run. Standard input: `asked NAME` for each, and `recorded NAME` for those
 * that records own.
 *
 * To show a unit takes systemd a millisecond or more: one that is ours and active is only listed, as `Active=NAME`, and
 * one that does not exist is left out, if there is a bus to ask which those are. Of one whose start systemd skipped for a
 * condition that still does not hold, `Unmet=NAME CONDITION` says so.
 */
export const UNITS_LOOK = `
manager=$1 details=$2
known=$(cat)
sorted=$(
  { printf '%s\\n\\n' "$known"
    [ "$details" ] || systemctl "$manager" list-units --state=active --full --plain --no-legend --no-pager
  } | awk '
    $0 == "" { listing = 1 }
    !listing { if ($1 == "recorded") recorded[$2]; else asked[$2] }
    listing && $2 == "loaded" && $3 == "active" && ($1 in recorded) { active[$1] }
    END {
      for (name in active) print "Active=" name
      for (name in asked) if (!(name in active)) print "show " name
    }')
printf '%s\\n' "$sorted" | sed -n '/^Active=/p'
others=$(printf '%s\\n' "$sorted" | sed -n 's/^show //p')
[ "$others" ] || exit 0
absent=$(printf '%s\\n' "$others" | xargs -d '\\n' sh -c 'exec busctl "$0" call org.freedesktop.systemd1 \\
  /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager ListUnitsByNames as $# "$@"' "$manager" 2>/dev/null |
  grep -o '"[^" ]*" "[^" ]*" "not-found" "inactive" "dead"' | cut -d '"' -f 2)
shown=$(printf '%s\\n' "$others" "$absent" "$absent" | sort | uniq -u |
  xargs -r -d '\\n' systemctl "$manager" show --no-pager --timestamp=unix \\
  -p Id,Names,LoadState,ActiveState,SubState,UnitFileState,FragmentPath,SourcePath \\
  -p Result,ActiveEnterTimestamp,MemoryCurrent,NRestarts,NextElapseUSecRealtime,LastTriggerUSec \\
  -p ConditionResult,ConditionTimestampMonotonic --)
printf '%s\\n' "$shown"
printf '%s\\n\\n' "$shown" | awk '
  { equals = index($0, "="); unit[substr($0, 1, equals - 1)] = substr($0, equals + 1) }
  $0 == "" {
    if (unit["ActiveState"] == "inactive" && unit["ConditionResult"] == "no" && unit["ConditionTimestampMonotonic"] > 0)
      print unit["Id"]
    split("", unit)
  }' | while IFS= read -r name; do
    said=$(systemd-analyze "$manager" condition --unit="$name" 2>&1) ||
      printf 'Unmet=%s %s\\n' "$name" "$(printf '%s\\n' "$said" | sed -n 's/^[^:]*: \\(.*\\) failed\\.$/\\1/p' | head -n 1)"
  done
exit 0
`;

// One with a backslash, which stands for a character of a path, is in quotes.
const unquote = (name: string) => (name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name);

/**
 * Reads that. A unit with several names counts under each.
 * @param enabled units that are known to be enabled, of those that are only listed
 */
export function parseUnits(text: string, enabled: ReadonlySet<string> = new Set()): Map<string, ActualUnit> {
  const units = new Map<string, ActualUnit>();
  let block = new Map<string, string>();
  const unmet: string[] = [];
  const finish = () => {
    const get = (key: string) => block.get(key) ?? '';
    const unit: ActualUnit = {
      loadState: get('LoadState'),
      activeState: get('ActiveState'),
      subState: get('SubState'),
      unitFileState: get('UnitFileState'),
      fragmentPath: get('FragmentPath'),
      sourcePath: get('SourcePath'),
      result: get('Result'),
      activeEnterTimestamp: get('ActiveEnterTimestamp'),
      restarts: block.get('NRestarts'),
      memoryCurrent: get('MemoryCurrent'),
      nextElapse: block.get('NextElapseUSecRealtime'),
      lastTrigger: block.get('LastTriggerUSec'),
    };
    for (const name of get('Names').split(' ')) if (name) units.set(unquote(name), unit);
    block = new Map();
  };
  for (const line of text.split('\n')) {
    // Each kind of unit has keys of its own, which may come before those that all have.
    if (line === '') finish();
    const equals = line.indexOf('=');
    if (equals < 0) continue;
    const [key, value] = [line.slice(0, equals), line.slice(equals + 1)];
    if (key === 'Active') {
      units.set(value, unitIn('active', enabled.has(value) ? 'enabled' : 'disabled'));
      continue;
    }
    if (key === 'Unmet') {
      unmet.push(value);
      continue;
    }
    if (block.has(key)) finish();
    block.set(key, value);
  }
  finish();
  for (const line of unmet) {
    const [name = '', condition = ''] = /^(\S+) (.*)$/.exec(line)?.slice(1) ?? [];
    const unit = units.get(name);
    if (unit) units.set(name, { ...unit, unmet: condition });
  }
  return units;
}
