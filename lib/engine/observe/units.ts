import { type ActualUnit, unitIn } from '../state';

/**
 * Prints the properties of units, in blocks of `Key=value`. Arguments: `--system` or `--user`, and `yes` for details about
 * running units. Standard input: `asked NAME` for each unit, and `recorded NAME` for each unit that a record owns.
 *
 * systemd needs a millisecond or more to show a unit. So an active unit of ours is only listed, as `Active=NAME`. A unit
 * that does not exist is left out, if a bus can say so. If systemd skipped the start of a unit and the condition is still
 * not met, `Unmet=NAME CONDITION` names the condition.
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
 * Reads the output of that script. A unit with several names is in the result under each name.
 * @param enabled units that are only listed, and known to be enabled
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
    // Each kind of unit has its own keys, which may come before the common keys.
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
