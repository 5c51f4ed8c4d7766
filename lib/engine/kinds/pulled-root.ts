import { addedTar, type RootExtras, sharedRootDirectory } from '../../archives';
import { IMAGES_DIR } from '../paths';
import type { Scope } from '../scope';
import { FIND_DIGEST, PULL, REGISTRY } from './registry';
import { type ArchivePurpose, sendArchive } from './send-archive';

/** A shell function. A root is complete when it has its list of layers and its directory. */
export const IS_COMPLETE = `
complete() (
  [ -f "$1/layers" ] && cd -P "$1" && set -- */ && [ -d "$1" ]
)
`;

/**
 * Removes replaced roots, and layers that no root uses. A unit that started with a root keeps it until it stops, even
 * if its service was not applied together with the replacement. The marker that a layer is complete is removed first,
 * so that an interrupted removal leaves no layer that looks complete.
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
 * Pulls an image and makes a root of it, together with the entries of an archive on standard input: mount points, and
 * files that the image need not have. The tree of the image is kept once, as the only layer of all its roots, under the
 * registry's digest. umoci unpacks it, confines every entry to the tree, and leaves out entries that a root must not
 * have. Arguments: the name of the root, the reference, and the name of the root's directory.
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

/** A root that a host makes from an image in a registry. */
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
