import { SAFE_PATHS } from '../safe-paths';
import type { ActualFile } from '../state';
import { readTar } from '../tar';

/** Size of the largest file whose content is read, in KiB. A larger file differs from every content in a manifest. */
export const LARGEST_KIB = 4096;

const FIND = `
paths=$(cat)
[ "$paths" ] || exit 0
find_files() { printf '%s\\n' "$paths" | xargs -d '\\n' sh -c 'exec find "$@" -maxdepth 0 '"$1" sh 2>/dev/null; }
`;

/**
 * Prints the attributes of files that are too large to be read, an empty entry, and a tar archive of the other files.
 * Standard input: absolute paths, one a line.
 */
export const FILES_LOOK = `${FIND}
find_files '-type f -size +${LARGEST_KIB}k -printf "%m %u %g %p\\0"'
printf '\\0'
find_files '! \\( -type f -size +${LARGEST_KIB}k \\) -print0' |
  tar -c -P --format=posix --pax-option=delete=atime,delete=ctime,delete=mtime --no-recursion --hard-dereference \\
    --ignore-failed-read --null --verbatim-files-from -T - -f - 2>/dev/null
exit 0
`;

/**
 * Seconds that the systemd, programs and files of a user may take to answer. `least` is for an idle host. With the load of
 * the host, the time grows up to `most`.
 */
export const USER_DEADLINE_SEC = { least: 4, most: 20 } as const;

/** Number of files that are read at once in directories where somebody may have put endless files. */
const AT_ONCE = 8;

/**
 * Prints the attributes of large files, an empty entry, and their digests. Standard input: absolute paths, one a line. If
 * users other than root can change a directory, they can put a file of any size there. So the time to read each of these
 * files is limited.
 */
export const ASSETS_LOOK = `${FIND}${SAFE_PATHS}
find_files '-type f -printf "%m %u %g %p\\0"'
printf '\\0'
there=$(find_files '-type f -print')
if [ "$(id -u)" = 0 ]; then
  while IFS= read -r dir; do set -- "$@" "$dir"; done <<END
$(printf '%s\\n' "$there" | sed 's|/[^/]*$||' | sort -u)
END
  doubtful=$(find_doubtful "$@")
fi
each() {
  printf '%s\\n' "$there" | while IFS= read -r path; do
    if guarded "\${path%/*}"; then [ "$1" = own ]; else [ "$1" = others ]; fi && printf '%s\\0' "$path"
  done
}
each own | xargs -r -0 sha256sum --zero -- 2>/dev/null
each others | xargs -r -0 -n 1 -P ${AT_ONCE} timeout ${USER_DEADLINE_SEC.most} sha256sum --zero -- 2>/dev/null
exit 0
`;

export type FoundFile = ActualFile & { readonly path: string };

/** Reads what `FILES_LOOK` prints. */
export function readFiles(output: Buffer): FoundFile[] {
  const [large, archive] = splitAtEmpty(output);
  return [...large.flatMap(readAttributes).map((file) => ({ ...file, sha256: 'not read' })), ...readTar(archive)];
}

/** Reads what `ASSETS_LOOK` prints. */
export function readAssets(output: Buffer): FoundFile[] {
  const [files, listing] = splitAtEmpty(output);
  const digests = new Map(
    listing
      .toString()
      .split('\0')
      .map((entry) => [entry.slice(66), entry.slice(0, 64)]),
  );
  return files.flatMap(readAttributes).map((file) => ({ ...file, sha256: digests.get(file.path) ?? 'not read' }));
}

function splitAtEmpty(output: Buffer): [entries: string[], rest: Buffer] {
  const end = output[0] === 0 ? 0 : output.indexOf('\0\0') + 1;
  return [output.subarray(0, end).toString().split('\0').filter(Boolean), output.subarray(end + 1)];
}

function readAttributes(entry: string): FoundFile[] {
  const [, mode = '', owner = '', group = '', path = ''] = /^(\d+) (\S+) (\S+) (.+)$/s.exec(entry) ?? [];
  return path === '' ? [] : [{ path, type: 'file', mode: mode.padStart(4, '0'), owner, group }];
}
