import { FACTS_SCRIPT } from './facts';
import { LOAD_PATH } from './parts/override';

/** Where Bulkhead keeps its records on a host. */
export const STATE_DIR = '/var/lib/bulkhead';

/**
 * Prints all that the engine needs to know, in one run, whatever the number of services. It changes nothing.
 *
 * Arguments: the names of the services whose records to include, or `--all`. Standard input: the lists `files`,
 * `assets`, `units`, `images` and `objects`, one name a line, each list ended by an empty line. `read` takes a pipe byte by byte,
 * so each list can be handed to another command without a temporary file.
 */
export const OBSERVE_SCRIPT = `
cd ${STATE_DIR}/services 2>/dev/null || set --
[ "$1" = --all ] && { set -- *; [ -d "$1" ] || set --; }
recorded() { # recorded INDEX: the lines of that index over all the services asked for
  index=$1; shift
  [ $# = 0 ] || printf '%s\\n' "$@" | sed "s|$|/$index|" | xargs -d '\\n' cat 2>/dev/null
}
asked() { while IFS= read -r line && [ -n "$line" ]; do printf '%s\\n' "$line"; done; }

files=$(asked; recorded files "$@")
assets=$(asked; recorded assets "$@")
echo "== facts"
${FACTS_SCRIPT}
echo "== units"
{ asked; recorded units "$@"; } | sort -u | xargs -r -d '\\n' systemctl show --no-pager --timestamp=unix \\
  -p Id,Names,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,FragmentPath,SourcePath \\
  -p Result,ActiveEnterTimestamp,MemoryCurrent --
echo "== overrides"
find ${LOAD_PATH.join(' ')} -mindepth 1 -maxdepth 2 ! -type d -printf '%p\\t%l\\n' 2>/dev/null
images=$(asked; recorded images "$@")
echo "== images"
case "$images" in *:*)
  command -v podman >/dev/null && podman image ls --no-trunc --format '{{.Id}} {{.Repository}}:{{.Tag}}' ;;
esac
printf '%s\\n' "$images" | grep '^/' | sort -u | while IFS= read -r dir; do [ -d "$dir" ] && printf '%s %s\\n' - "$dir"; done
objects=$(asked; recorded objects "$@")
echo "== objects"
for kind in network volume image; do
  case $kind in image) name={{.Repository}}:{{.Tag}} ;; *) name={{.Name}} ;; esac
  case "$objects" in *$kind:*) command -v podman >/dev/null && podman "$kind" ls --format "$kind:$name" ;; esac
done
echo "== assets"
printf '%s\\n' "$assets" | sort -u | while IFS= read -r path; do
  [ -f "$path" ] && [ ! -L "$path" ] && stat --printf '%a %U %G ' -- "$path" && sha256sum --zero -- "$path" && echo
done
echo "== tar"
{ printf '%s\\n' "$files"; [ $# = 0 ] || printf '${STATE_DIR}/services/%s/record.json\\n' "$@"; } | grep . | sort -u |
  tar -c -P --format=posix --pax-option=delete=atime,delete=ctime,delete=mtime --no-recursion --hard-dereference \\
    --ignore-failed-read --verbatim-files-from -T - -f - 2>/dev/null
exit 0
`;
