import { posix } from 'node:path';
import { BUILDS_DIR } from '../manifest';
import { INSTANCES_DIR } from './instance';
import { GENERATIONS_DIR, LOAD_DIR, STATE_DIR } from './paths';
import { parseRefusals, type Refusal, SAFE_PATHS } from './safe-paths';
import type { Scope } from './scope';
import { type Command, runInSequence } from './sequence';
import { type TarFile, tarOf } from './tar';

const STAGED = '.bulkhead-new';

/*
 * Where files are staged is noted before: what a killed apply has left there is removed by the next one, whatever that
 * is about. A user's is in their home.
 */
const STAGING = `
set -eu
umask 022
root= base=$HOME/.bulkhead-
[ "$(id -u)" != 0 ] || root=yes base=${STATE_DIR}/
journal=\${base}staging tree=\${base}tree
${SAFE_PATHS}
clean() {
  for dir; do
    if guarded "$dir"; then printf '%s/${STAGED}\\0' "$dir"
    else within "$dir" rm -rf -- ./${STAGED} >/dev/null || true; fi
  done | xargs -0 -r rm -rf --one-file-system --
}
clean_journal() {
  [ -f "$journal" ] || return 0
  while IFS= read -r dir; do set -- "$@" "$dir"; done < "$journal"
  [ ! "$root" ] || doubtful=$(find_doubtful "$@")
  clean "$@"
  rm -rf -- "$journal" "$tree"
}
`;

/**
 * Writes all files into a staging directory inside their target directory, and then renames each file to its place, so
 * that nobody ever sees half a file. Parent directories that root creates are remembered, and are removed when they are
 * empty again. The script starts one command per directory and none per file, since starting a command takes as long as
 * writing ten files. It also removes what an interrupted load of an image has left.
 *
 * If users other than root can change the target directory, root creates and owns the staging directory in it, and the
 * files come from a tree of root. So the owner of the target directory can't put anything into the staging directory, or
 * move it elsewhere.
 *
 * If others may have mounted a file in a directory of root, the file is written in place. A mount shows the file itself,
 * and not a file that takes its place later.
 *
 * Arguments: lines of an owner and a directory, for owners other than root; lines of files that are written in place; the
 * directories.
 */
const WRITE_SCRIPT = `${STAGING}
owners=$1 kept=$2; shift 2
if [ "$root" ]; then
  rm -rf --one-file-system -- ${LOAD_DIR}
  mkdir -p ${STATE_DIR}
else
  rm -rf --one-file-system -- "$HOME/.cache/bulkhead"
fi
clean_journal
others=
if [ "$root" ]; then
  remembered=${STATE_DIR}/directories
  doubtful=$(find_doubtful "$@")
  [ ! "$doubtful" ] || for dir; do
    shift
    if guarded "$dir"; then set -- "$@" "$dir"; else others="$others$dir
"; fi
  done
fi
{ [ $# -eq 0 ] || printf '%s\\n' "$@"; printf '%s' "$others"; } > "$journal"
trap 'clean "$@"; rm -rf -- "$journal" "$tree"' EXIT
clean "$@"
noted=$others
for dir; do
  missing=$dir
  while [ ! -e "$missing" ] && [ -n "$missing" ]; do
    case $missing in ${STATE_DIR}/* | ${posix.dirname(INSTANCES_DIR)}*) ;; *) printf '%s\\n' "$missing" >> $remembered; noted=yes ;; esac
    missing=\${missing%/*}
  done
done
[ $# -eq 0 ] || mkdir -p -- "$@"
[ ! "$root" ] || [ ! -d ${BUILDS_DIR} ] || chmod 0700 ${BUILDS_DIR}
to=/
if [ "$others" ]; then
  to=$tree
  mkdir -m 0700 -- "$tree"
  for dir; do printf '%s\\0%s\\0' "$dir/${STAGED}" "$tree$dir"; done | xargs -0 -r mkdir -p --
  for dir; do ln -s -- "$dir/${STAGED}" "$tree$dir/${STAGED}"; done
fi
tar -x -p --same-owner -C "$to" -f -
while IFS= read -r path; do
  new=\${path%/*}/${STAGED}/\${path##*/}
  [ -f "$path" ] && [ ! -L "$path" ] && [ -f "$new" ] || continue
  chown --reference="$new" -- "$path"
  chmod --reference="$new" -- "$path"
  cat -- "$new" > "$path"
  rm -- "$new"
done <<END
$kept
END
for dir; do find "$dir/${STAGED}" -mindepth 1 -exec mv -f -t "$dir" -- {} +; done
place() (
  set +e
  make=yes wanted=$owners
  enter "$1" || exit 0
  make= around=$PWD
  { rm -rf -- ./${STAGED} && mkdir -m 0700 ./${STAGED}; } || { refuse "$PWD" "can't be written"; exit 0; }
  cd -P ./${STAGED} && [ "$PWD" = "$around/${STAGED}" ] && [ -O . ] && [ ! "$(ls -A)" ] ||
    { refuse "$around/${STAGED}" 'was replaced by somebody else'; exit 0; }
  find "$tree$1/${STAGED}" -mindepth 1 -exec mv -f -t . -- {} + &&
    find . -mindepth 1 -exec mv -f -t .. -- {} + || refuse "$around" "can't be written"
  cd -P .. && rm -rf -- ./${STAGED}
  exit 0
)
printf '%s' "$others" | while IFS= read -r dir; do place "$dir" </dev/null; done
# In an order that does not depend on who has applied what first.
if [ "$root" ] && [ "$noted" ] && [ -f $remembered ]; then
  sort -u $remembered > $remembered.new
  mv $remembered.new $remembered
fi
`;

/**
 * Removes files, roots of machines and records, and then the directories that were created for them and are now empty.
 * Standard input: their paths, one a line. Arguments: directories of drop-ins and of links, which have no effect when
 * they are empty.
 */
const REMOVE_SCRIPT = `${STAGING}
clean_journal
paths=$(cat)
made=
[ ! "$root" ] || [ ! -f ${STATE_DIR}/directories ] || made=$(sort -r -u ${STATE_DIR}/directories)
parents() { printf '%s\\n' "$paths" "$made" | sed -n 's|/[^/]*$||p' | sort -u; }
[ ! "$root" ] || doubtful=$(parents | { while IFS= read -r dir; do set -- "$@" "$dir"; done; find_doubtful "$@"; })
names_in() {
  while IFS= read -r path; do [ "\${path%/*}" != "$1" ] || printf './%s\\n' "\${path##*/}"; done <<END
$paths
END
}
remove() { xargs -r -d '\\n' rm -rf --one-file-system --; }
if [ "$doubtful" ]; then
  parents | while IFS= read -r dir; do
    names=$(names_in "$dir")
    [ ! "$names" ] || printf '%s\\n' "$names" | within "$dir" xargs -r -d '\\n' rm -rf --one-file-system -- || true
  done
else
  printf '%s\\n' "$paths" | sed '/^$/d' | remove
fi
for dir; do ! guarded "$dir" || rmdir -- "$dir" 2>/dev/null || true; done
[ "$root" ] && cd ${STATE_DIR} 2>/dev/null || exit 0
if [ "$made" ]; then
  printf '%s\\n' "$made" | while IFS= read -r dir; do
    within "\${dir%/*}" rmdir -- "./\${dir##*/}" >/dev/null 2>&1 || [ ! -d "$dir" ] || printf '%s\\n' "$dir"
  done > directories.new
  if [ -s directories.new ]; then mv directories.new directories; else rm directories directories.new; fi
fi
rmdir ${INSTANCES_DIR} ${posix.dirname(INSTANCES_DIR)} 2>/dev/null || true
rm -rf --one-file-system -- ${GENERATIONS_DIR}/.new
[ ! -d ${GENERATIONS_DIR} ] || find ${GENERATIONS_DIR} -maxdepth 1 -type d -empty -delete
rmdir services 2>/dev/null || exit 0
cd / && rmdir ${STATE_DIR} 2>/dev/null || true
`;

/** Called with directories that a command refuses to enter. Nothing has been changed there. */
type Told = (refusals: readonly Refusal[]) => void;

/** The command that writes files in the given order. It fails if the host refuses a file, such as on a full disk. */
export async function writeCommand(files: readonly TarFile[], user?: string, told: Told = () => {}): Promise<Command> {
  const directories = new Set(files.map(({ path }) => posix.dirname(path)));
  const staged = files.map((file) => ({
    ...file,
    path: posix.join(posix.dirname(file.path), STAGED, posix.basename(file.path)).slice(1),
  }));
  const owned = files
    .filter(({ owner }) => owner !== 'root')
    .map(({ owner, path }) => `${owner} ${posix.dirname(path)}`);
  const kept = files.flatMap(({ path, inPlace }) => (inPlace ? [path] : []));
  const owners = `\n${[...new Set(owned)].join('\n')}\n`;
  return {
    argv: ['sh', '-c', WRITE_SCRIPT, 'sh', owners, kept.join('\n'), ...directories],
    user,
    input: await tarOf(staged),
    purpose: { action: `write ${files.length} files` },
    ended: ({ stdout }) => told(parseRefusals(stdout)),
  };
}

/** The command that removes files, directories with their content, and directories that were created only for them. */
export function removeCommand(paths: readonly string[], user?: string, told: Told = () => {}): Command {
  const odd = paths.find((path) => !/^\/[^\0\n]*[^/\0\n]$/.test(path) || posix.normalize(path) !== path);
  if (odd !== undefined) throw new Error(`Cannot remove ${JSON.stringify(odd)}: expected a normalized absolute path`);
  const directories = paths.map((path) => posix.dirname(path));
  const ofUnits = new Set(directories.filter((directory) => /\.(?:d|wants|requires|upholds)$/.test(directory)));
  return {
    argv: ['sh', '-c', REMOVE_SCRIPT, 'sh', ...ofUnits],
    user,
    input: Buffer.from(paths.map((path) => `${path}\n`).join('')),
    purpose: { action: `remove ${paths.length} files` },
    ended: ({ stdout }) => told(parseRefusals(stdout)),
  };
}

/**
 * Removes files and directories, as {@link removeCommand} does. Missing files are fine. Returns the directories that it
 * refuses to enter.
 * @throws ApplyError
 */
export async function removePaths(scope: Scope, paths: readonly string[], signal?: AbortSignal): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  const told = (refusals: readonly Refusal[]) => void refused.push(...refusals);
  if (paths.length > 0) await runInSequence(scope, [removeCommand(paths, undefined, told)], signal);
  return refused;
}
