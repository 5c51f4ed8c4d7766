import { posix } from 'node:path';
import { USER_DEADLINE_SEC } from '../observe/files';
import { GENERATIONS_DIR, RECORDS_DIR } from '../paths';
import { SAFE_PATHS } from '../safe-paths';
import type { Command } from '../sequence';
import type { HostState } from '../state';
import type { ServicePlan } from '../step';
import { isAnotherVersion, numberOf } from './numbering';

/** Where a version of a service is kept: its record, and the contents of its files. */
export const generationPath = (service: string, number: number): string =>
  posix.join(GENERATIONS_DIR, service, String(number));

/** The most that is kept of files that somebody else than root can replace. */
const OTHERS_BYTES = 64 * 1024 * 1024;

/** Packs files, whose paths are in a file with a zero byte after each. It opens no pipes or devices. */
const PACK = `tar -c -P --format=posix --no-recursion --hard-dereference --ignore-failed-read \\
  --null --verbatim-files-from -T "$1" -f - 2>/dev/null || :`;

/*
 * Nothing of what is kept is trusted: contents are compared with the digests in the record when they are needed. Files in
 * directories that root does not have for itself are packed within a time and a size. Of the others, those that may be
 * large are copied, which costs nothing where the file system shares blocks.
 *
 * Standard input: for each service a line of its name and the number of the version, and a line of a path for each file.
 */
const SAVE_SCRIPT = `
set -eu
umask 077
export LC_ALL=C
mkdir -p ${GENERATIONS_DIR}
cd -P ${GENERATIONS_DIR}
rm -rf --one-file-system -- .new
mkdir .new
cat > .new/input
${SAFE_PATHS}
while IFS= read -r dir; do set -- "$@" "$dir"; done <<END
$(sed -n 's|^[a-z]* \\(/.*\\)/[^/]*$|\\1|p' .new/input | sort -u)
END
doubtful=$(find_doubtful "$@")
begin() { rm -rf --one-file-system -- .new/made; mkdir .new/made; for list in content asset others; do : > .new/$list; done; }
pack='${PACK}'
end() {
  [ "$name" ] || return 0
  cp -p -- "${RECORDS_DIR}/$name" .new/made/record
  [ ! -s .new/content ] || sh -c "$pack" sh .new/content > .new/made/content
  [ ! -s .new/others ] || timeout -k 1 ${USER_DEADLINE_SEC.most} sh -c "$pack" sh .new/others |
    head -c ${OTHERS_BYTES} > .new/made/others
  if [ -s .new/asset ]; then
    mkdir .new/made/assets
    xargs -0 -r -a .new/asset cp -p -P --parents --reflink=auto -t .new/made/assets -- 2>/dev/null || :
  fi
  mkdir -p -- "$name"
  rm -rf --one-file-system -- "\${name:?}/$number"
  mv -T -- .new/made "$name/$number"
}
name=
begin
while IFS= read -r line; do
  list=\${line%% *} rest=\${line#* }
  case $list in
    version) end </dev/null; begin; name=\${rest% *} number=\${rest##* } ;;
    *) guarded "\${rest%/*}" || list=others; printf '%s\\0' "$rest" >> .new/$list ;;
  esac
done < .new/input
end </dev/null
rm -rf --one-file-system -- .new
`;

/** What keeps the versions that plans are about to replace, before anything is touched. */
export function saveCommands(plans: readonly ServicePlan[], { records }: HostState): Command[] {
  const lines = plans.flatMap(({ name, desired }) => {
    const record = records.get(name);
    // After an apply that was cut off, files may be those of either version.
    if (!desired || !record?.complete || record.begun || !isAnotherVersion(desired, record)) return [];
    const files = Object.entries(record.manifest.files).map(
      ([path, { asset }]) => `${asset === undefined ? 'content' : 'asset'} ${path}\n`,
    );
    return [`version ${name} ${numberOf(record)}\n`, ...files];
  });
  if (lines.length === 0) return [];
  const input = Buffer.from(lines.join(''));
  return [{ argv: ['sh', '-c', SAVE_SCRIPT], input, purpose: { action: 'keep the versions that are there' } }];
}
