import { posix } from 'node:path';
import { ApplyError } from './errors';
import type { ServicePlan } from './step';

/**
 * Shell functions with which root works below directories of other users. The owner may replace a directory by a link
 * at any moment.
 *
 * A path is `guarded` when only root can change where it leads. For any other path, `enter` takes one step at a time: a
 * process keeps its working directory, so each step starts from a known directory, and ends in the expected directory
 * or is refused. After that, a file has a name without directories. Programs create, rename and remove it without
 * following links.
 *
 * Only cd -P tells where a process is: $PWD is then the kernel's answer. `stat` runs once for all paths together.
 */
export const SAFE_PATHS = `
# Prints those of some paths and of their parents that are no directories which root alone can change.
find_doubtful() {
  for path; do
    while [ "\${path#/}" != "$path" ]; do printf '%s\\0' "$path"; path=\${path%/*}; done
  done | LC_ALL=C xargs -0 -r stat -c '%u %a %F:%n' -- 2>/dev/null |
    sed -E '/^0 [0-7]*[0145][0145] directory:/d; s/^[^:]*://'
}

# Whether root alone can change where a path leads, as far as $doubtful knows of it and its parents.
guarded() {
  [ "$doubtful" ] || return 0
  while IFS= read -r place; do
    case "$1/" in "$place"/*) return 1 ;; esac
  done <<END
$doubtful
END
}

refuse() { printf '%s\\0%s\\0%s\\0' "$dir" "$1" "$2"; return 1; }

# Who owns the working directory, and whether root alone can change what is in it.
look_around() {
  read -r keeper gid mode owner <<END
$(stat -c '%u %g %a %U' .)
END
  alone=
  case $keeper:$mode in 0:*[2367] | 0:*[2367]?) ;; 0:*) alone=yes ;; esac
}

# Goes into a directory. With $make, makes what is missing, as the owner of what it lies in; without, fails in silence
# when it is missing. Links that root made are followed; all others are refused. So is with $make a directory of somebody
# who is neither root, nor the owner of the directory that it lies in, nor an owner of files that $wanted names.
enter() {
  dir=$1 rest=\${1#/} links=40
  cd /; look_around
  while [ "$rest" ]; do
    name=\${rest%%/*} from=\${PWD%/}
    case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
    case $name in
      '' | .) continue ;;
      ..) cd -P ..; look_around; continue ;;
    esac
    if [ -L "./$name" ] && [ "$alone" ]; then
      links=$((links - 1))
      [ $links -gt 0 ] || refuse "$from/$name" 'is a link that leads to itself' || return
      target=$(readlink -- "./$name")
      rest=$target\${rest:+/$rest}
      case $target in /*) cd /; look_around ;; esac
      continue
    fi
    if [ ! -e "./$name" ] && [ ! -L "./$name" ]; then
      [ "$make" ] || return 1
      setpriv --reuid="$keeper" --regid="$gid" --clear-groups mkdir -- "./$name" ||
        refuse "$from/$name" "can't be created by $owner" || return
      printf '%s\\n' "$from/$name" >> "$remembered"
    fi
    before=$keeper by=$owner vouched=$alone
    cd -P -- "./$name" 2>/dev/null || refuse "$from/$name" 'is not a directory' || return
    [ "$PWD" = "$from/$name" ] || refuse "$from/$name" "is a link that $by can change" || return
    look_around
    [ "$make" ] && [ ! "$vouched" ] && [ "$keeper" != 0 ] && [ "$keeper" != "$before" ] || continue
    case $wanted in
      *"
$owner $1
"*) ;;
      *) refuse "$PWD" "belongs to $owner" || return ;;
    esac
  done
}

# Runs a command in a directory, which is / where a path has no other.
within() (
  dir=\${1:-/}; shift
  if guarded "$dir"; then cd -- "$dir" 2>/dev/null; else enter "$dir"; fi && exec "$@"
)

# What enter is told: see there. Nobody else is root's equal, so a user has nothing to be guarded against.
make= wanted= remembered=/dev/null doubtful=
`;

/** A directory that root does not enter, because another user may have redirected it. */
export interface Refusal {
  readonly directory: string;
  /** The part of the path that causes the refusal. */
  readonly place: string;
  /** What is wrong with that part. */
  readonly problem: string;
}

/** Reads the output of `refuse`. */
export function parseRefusals(output: Buffer): Refusal[] {
  const words = output.toString().split('\0').slice(0, -1);
  return Array.from({ length: Math.floor(words.length / 3) }, (_, index) => {
    const [directory = '', place = '', problem = ''] = words.slice(3 * index);
    return { directory, place, problem };
  });
}

/** Errors of the services with files in refused directories, by service name. */
export function refusalErrors(
  host: string,
  verb: 'write' | 'remove',
  plans: readonly ServicePlan[],
  refusals: readonly Refusal[],
): Map<string, ApplyError> {
  const errors = new Map<string, ApplyError>();
  for (const { name, path: service, steps } of plans) {
    for (const step of steps) {
      const refusal = refusals.find(({ directory }) => directory === posix.dirname(step.key));
      if (!refusal || step.verb !== verb || step.kind !== 'files' || errors.has(name)) continue;
      const { place, problem } = refusal;
      const error = new ApplyError({
        host,
        service,
        at: ['files', step.key],
        action: `${verb} ${step.key}`,
        problem: `${place} ${problem}, expected a directory of root or of the file's owner`,
        advice: `put a directory in the place of ${place}, or give the file another path`,
      });
      errors.set(name, error);
    }
  }
  return errors;
}
