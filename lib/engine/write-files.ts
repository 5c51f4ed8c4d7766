import { posix } from 'node:path';
import { LOAD_DIR } from './load-image';
import { STATE_DIR } from './observe-script';
import { run } from './run';
import type { Scope } from './scope';
import { type TarFile, writeTar } from './tar';

const STAGED = '.bulkhead-new';

/**
 * Writes all files into a directory inside of their own, and then renames each to its place, so that nobody ever sees
 * half a file. Parent directories that root has to make are remembered, to be removed when they are empty again. One
 * command a directory and none a file: to start one takes as long as to write ten files. What a load of an image has
 * left that was cut off is removed on the way.
 */
const WRITE_SCRIPT = `
set -eu
umask 022
clean() { printf '%s/${STAGED}\\0' "$@" | xargs -0 rm -rf --; }
trap 'clean "$@"' EXIT
clean "$@"
remembered=/dev/null
if [ -w /var/lib ]; then
  rm -rf --one-file-system -- ${LOAD_DIR}
  mkdir -p ${STATE_DIR}
  remembered=${STATE_DIR}/directories
fi
for dir; do
  missing=$dir
  while [ ! -e "$missing" ] && [ -n "$missing" ]; do
    case $missing in ${STATE_DIR}/*) ;; *) printf '%s\\n' "$missing" >> $remembered ;; esac
    missing=\${missing%/*}
  done
done
mkdir -p -- "$@"
tar -x -p --same-owner -C / -f -
for dir; do find "$dir/${STAGED}" -mindepth 1 -exec mv -f -t "$dir" -- {} +; done
`;

/**
 * Removes files, roots of machines and records, then the directories that were made for them and are empty now.
 * Arguments: directories of drop-ins and of links, which mean nothing when they are empty.
 */
const REMOVE_SCRIPT = `
set -eu
xargs -0 -r rm -rf --one-file-system --
for dir; do rmdir -- "$dir" 2>/dev/null || true; done
cd ${STATE_DIR} 2>/dev/null && [ -w . ] || exit 0
if [ -f directories ]; then
  sort -r -u directories | while IFS= read -r dir; do
    rmdir -- "$dir" 2>/dev/null || [ ! -d "$dir" ] || printf '%s\\n' "$dir"
  done > directories.new
  if [ -s directories.new ]; then mv directories.new directories; else rm directories directories.new; fi
fi
rmdir services 2>/dev/null || exit 0
cd / && rmdir ${STATE_DIR} 2>/dev/null || true
`;

/** Writes files in one round trip, in the order given. @throws ApplyError when the host refuses one, such as a full disk */
export async function writeFiles(scope: Scope, files: readonly TarFile[], signal?: AbortSignal): Promise<void> {
  if (files.length === 0) return;
  const directories = new Set(files.map(({ path }) => posix.dirname(path)));
  const staged = files.map((file) => ({
    ...file,
    path: posix.join(posix.dirname(file.path), STAGED, posix.basename(file.path)).slice(1),
  }));
  const command = ['sh', '-c', WRITE_SCRIPT, 'sh', ...directories];
  const options = { input: writeTar(staged), ...(signal && { signal }) };
  await run(scope, command, { action: `write ${files.length} files` }, options);
}

/** Removes files and directories with all that is in them, and what was made only to hold them. Missing ones are fine. */
export async function removePaths(scope: Scope, paths: readonly string[], signal?: AbortSignal): Promise<void> {
  if (paths.length === 0) return;
  const directories = paths.map((path) => posix.dirname(path));
  const ofUnits = new Set(directories.filter((directory) => /\.(?:d|wants|requires|upholds)$/.test(directory)));
  const command = ['sh', '-c', REMOVE_SCRIPT, 'sh', ...ofUnits];
  const input = Buffer.from(paths.map((path) => `${path}\0`).join(''));
  await run(scope, command, { action: `remove ${paths.length} files` }, { input, ...(signal && { signal }) });
}
