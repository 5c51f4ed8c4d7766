import { addedTar, type RootExtras, sharedRootDirectory } from '../../archives';
import { IMAGES_DIR } from '../paths';
import type { Scope } from '../scope';
import { FIND_DIGEST, PULL, REGISTRY } from './registry';
import { type ArchivePurpose, sendArchive } from './send-archive';

/** Whether a root is there, and what it is made of: files, and one directory. */
export const IS_COMPLETE = `
complete() (
  [ -f "$1/layers" ] && cd -P "$1" && set -- */ && [ -d "$1" ]
)
`;

/**
 * Removes roots that were replaced, and the layers that no root is made of. A unit that started with a root keeps it until
 * it stops, also one of a service that was not applied with those that replaced it. What says that a layer is complete goes
 * first, so that one that was cut off is not taken for a whole one.
 */
export const REMOVE_UNUSED = `
for was in *.replaced; do
  [ -d "$was" ] || continue
  grep -qsF -e "/$was/" /proc/[0-9]*/mountinfo || rm -rf --one-file-system -- "$was"
done
used=$(find . -mindepth 2 -maxdepth 2 -name layers -type f -exec cat -- {} +)
[ ! -d layers ] || find layers -mindepth 1 -maxdepth 1 -printf '%f\\n' | while IFS= read -r layer; do
  case "
$used
" in *"
$layer
"*) continue ;; esac
  rm -f -- "layers/$layer/complete"
  rm -rf --one-file-system -- "layers/$layer"
done`;

/**
 * Pulls an image, and makes a root of it with what comes from an archive on standard input: mount points, and files that
 * the image need not have. The tree of the image is kept once, as the one layer of all roots of it, under the digest that
 * the registry has it by. It is unpacked by umoci, which lets no entry out of it, and without what a root must not have.
 * Arguments: the name of the root, the reference, and what its directory is called.
 */
const PULL_SCRIPT = `${IS_COMPLETE}${REGISTRY}
set -eu
umask 022
[ -d ${IMAGES_DIR} ] || mkdir -m 0700 ${IMAGES_DIR}
cd -P ${IMAGES_DIR}
chmod 0700 .
name=$1 reference=$2 directory=$3 new=$1.new
${FIND_DIGEST.trim()}
if complete "$name" && [ "$(cat "$name/pulled" 2>/dev/null)" = "$digest $reference" ]; then cat > /dev/null; exit; fi
layer=layers/\${digest#sha256:}
clean() {
  rm -rf --one-file-system -- *.new
  [ -f "$layer/complete" ] || rm -rf --one-file-system -- "$layer"
}
clean
trap 'trap "" HUP INT TERM; clean' EXIT
trap : HUP INT TERM
mkdir -p layers "$new/$directory"
tar -x -p --numeric-owner --same-owner -C "$new/$directory" -f -
[ -f "$new/$directory/complete" ] || { echo 'the archive has ended early' >&2; exit 1; }
rm -- "$new/$directory/complete"

if [ ! -f "$layer/complete" ]; then
  place=oci:$new/layout:image
  ${PULL.trim()}
  umoci raw unpack --image "$new/layout:image" "$new/tree" >&2
  rm -rf --one-file-system -- "$new/layout"
  find "$new/tree" -xdev '(' -type b -o -type c -o -type s ')' -delete
  mkdir -p "$layer/root"
  { tar -c --one-file-system --numeric-owner --xattrs --xattrs-include='*' -C "$new/tree" -f - . && : > "$new/read"; } |
    tar -x -p --numeric-owner --same-owner --delay-directory-restore \\
      --xattrs --xattrs-include=security.capability --xattrs-include='user.*' -C "$layer/root" -f -
  [ -f "$new/read" ] || { echo 'the image could not be read' >&2; exit 1; }
  rm -rf --one-file-system -- "$new/tree" "$new/read"
  : > "$layer/complete"
fi

# What the image has goes before, with what would lie below it. A path that is looked at leads through directories alone,
# since those that the image has links for are gone by then.
(cd "$new/$directory" && find . -mindepth 1) | while IFS= read -r path; do
  ours=$new/$directory/$path theirs=$layer/root/$path
  [ -e "$ours" ] && { [ -e "$theirs" ] || [ -L "$theirs" ]; } || continue
  if [ -L "$theirs" ] || [ ! -d "$theirs" ] || [ ! -d "$ours" ]; then rm -rf -- "$ours"; fi
done
cp -a -l -- "$layer/root/." "$new/$directory/"
echo "$digest $reference" > "$new/pulled"
echo "\${digest#sha256:}" > "$new/layers"
if [ -d "$name" ]; then
  was=$(mktemp -d -p . "$name.XXXXXX.replaced")
  mv -T -- "$name" "$was"
fi
mv -T -- "$new" "$name"
trap - EXIT
${REMOVE_UNUSED}
`;

/** A root that a host makes from an image of a registry. */
export interface PulledRoot {
  readonly name: string;
  readonly reference: string;
  readonly extras: RootExtras;
}

/** @throws ApplyError when the host can't pull the image */
export async function pullRoot(
  scope: Scope,
  { name, reference, extras }: PulledRoot,
  purpose: ArchivePurpose,
  signal: AbortSignal | undefined,
): Promise<void> {
  const args = [name, reference, sharedRootDirectory(extras)];
  await sendArchive(scope, { script: PULL_SCRIPT, args, archive: () => addedTar(extras), purpose, signal });
}
