import { FACTS_SCRIPT } from './facts';
import { LOAD_PATH, userLoadPath } from './parts/override';
import { AS_USER } from './scope';

/** Where Bulkhead keeps its records on a host. */
export const STATE_DIR = '/var/lib/bulkhead';

/** Where the record of each service lies, in a file of its name. */
export const RECORDS_DIR = `${STATE_DIR}/services`;

/**
 * Prints all that the engine needs to know, in one run, whatever the number of services. It changes nothing.
 *
 * Standard input: lines of a kind and a name: `services`, whose records are to be included; `files`, `assets`, `units`,
 * `images` and `objects` beside those that the records own; and `requires`, the programs that matter. What a user's systemd
 * and podman have is asked for, and told, as `units@NAME` and so on, of `users` that are named, too. Arguments: `--all`
 * includes the records of all services, `--facts` what the host is, `--details` what only a person wants to know about
 * units that run.
 *
 * To show a unit takes systemd a millisecond or more: one that is ours and active is only listed, and one that does not
 * exist is left out, if there is a bus to ask which those are. To start a program takes as long, so that what nobody
 * asked for is not looked for. Users are looked at side by side, since podman takes a tenth of a second for each.
 */
export const OBSERVE_SCRIPT = `
export LC_ALL=C
cd /
all= facts= details=
for option; do
  case $option in --all) all=yes ;; --facts) facts=yes ;; --details) details=yes ;; esac
done
asked=$(cat)
services=$(if [ "$all" ]; then ls ${RECORDS_DIR} 2>/dev/null; else printf '%s\\n' "$asked" | sed -n 's/^services //p'; fi)
records=$(printf '%s\\n' "$services" | sed 's|.|${RECORDS_DIR}/&|')
recorded=$(printf '%s\\n' "$records" | xargs -d '\\n' cat 2>/dev/null | sed '/^{/d')
known="
$asked
$recorded"
list() {
  case "$known" in *"
$1 "*) printf '%s\\n' "$known" | sed -n "s/^$1 //p" | sort -u ;; esac
}

# What one systemd and one podman have. Arguments: the end of the sections' names, an option for systemctl, where units
# come from, and the words that run a command there.
look() {
  of=$1 scope=$2 load_path=$3; shift 3
  echo "== active$of"
  active=
  [ "$details" ] || active=$({
    printf '%s\\n' "$recorded" | sed -n "s/^units$of //p" | sort -u
    "$@" systemctl "$scope" list-units --state=active --full --plain --no-legend --no-pager |
      sed -n 's/^\\([^ ]*\\)  *loaded  *active .*/\\1/p' | sort -u
  } | sort | uniq -d)
  printf '%s\\n' "$active"
  echo "== units$of"
  others=$({ list "units$of"; printf '%s\\n' "$active" "$active"; } | sort | uniq -u)
  if [ "$others" ]; then
    absent=$(printf '%s\\n' "$others" | xargs -d '\\n' "$@" sh -c 'exec busctl "$0" call org.freedesktop.systemd1 \\
      /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager ListUnitsByNames as $# "$@"' "$scope" 2>/dev/null |
      grep -o '"[^" ]*" "[^" ]*" "not-found" "inactive" "dead"' | cut -d '"' -f 2)
    printf '%s\\n' "$others" "$absent" "$absent" | sort | uniq -u |
      xargs -r -d '\\n' "$@" systemctl "$scope" show --no-pager --timestamp=unix \\
      -p Id,Names,LoadState,ActiveState,SubState,UnitFileState,FragmentPath,SourcePath \\
      -p Result,ActiveEnterTimestamp,MemoryCurrent --
  fi
  echo "== overrides$of"
  find $load_path -mindepth 1 -maxdepth 2 ! -type d -printf '%p\\t%l\\n' 2>/dev/null
  objects=$(list "objects$of")
  echo "== objects$of"
  for kind in network volume image; do
    case $kind in image) name={{.Repository}}:{{.Tag}} ;; *) name={{.Name}} ;; esac
    case "$objects" in *$kind:*) command -v podman >/dev/null && "$@" podman "$kind" ls --format "$kind:$name" ;; esac
  done
  case "$objects" in *link:*) for link in /sys/class/net/*; do echo "link:\${link##*/}"; done ;; esac
  echo "== images$of"
  case "$(list "images$of")" in *:*)
    command -v podman >/dev/null && "$@" podman image ls --no-trunc --format '{{.Id}} {{.Repository}}:{{.Tag}}' ;;
  esac
}
look_at_user() {
  entry=$(getent passwd "$1") || return 0
  IFS=: read -r _ _ uid gid _ home _ <<END
$entry
END
  echo "== user@$1"
  echo "uid $uid"; echo "home $home"; echo "group $(id -gn "$1")"
  grep -q "^$1:" /etc/subuid && grep -q "^$1:" /etc/subgid && echo 'has subordinate IDs'
  [ -e "/var/lib/systemd/linger/$1" ] && echo 'has linger'
  systemctl is-active --quiet "user@$uid.service" || return 0
  echo 'has systemd'
  look "@$1" --user "${userLoadPath('$home', '$uid').join(' ')}" ${AS_USER}
}

echo "== facts"
[ "$facts" ] && {${FACTS_SCRIPT}}
look '' --system "${LOAD_PATH.join(' ')}"
printf '%s\\n' "$(list images)" | grep '^/' |
  while IFS= read -r dir; do [ -d "$dir" ] && printf '%s %s\\n' - "$dir"; done
n=0
for user in $(list users); do
  { out=$(look_at_user "$user"); flock 9; printf '%s\\n' "$out"; } 9</ &
  n=$((n + 1)); [ $((n % 8)) -ne 0 ] || wait
done
wait
echo "== assets"
assets() { list assets | xargs -r -d '\\n' sh -c 'exec find "$@" -maxdepth 0 -type f -printf "$0"' "$1"; }
assets '%m %u %g %p\\0'
echo
echo "== digests"
assets '%p\\0' | xargs -r -0 sha256sum --zero --
echo
echo "== tar"
{ list files; printf '%s\\n' "$records"; } | grep . |
  tar -c -P --format=posix --pax-option=delete=atime,delete=ctime,delete=mtime --no-recursion --hard-dereference \\
    --ignore-failed-read --verbatim-files-from -T - -f - 2>/dev/null
exit 0
`;
