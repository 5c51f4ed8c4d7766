import {
  ArchiveError,
  gzip,
  type RootArchive,
  type RootExtras,
  rootOfImage,
  rootOfTar,
  sharedRootDirectory,
  sharedRootName,
  sharedRootTar,
} from '../../archives';
import type { ObjectPart } from '../../manifest';
import type { Change, Kind, Tools } from '../kind';
import { IMAGES_DIR } from '../paths';
import { run } from '../run';
import type { Scope } from '../scope';
import { IS_COMPLETE, pullRoot, REMOVE_UNUSED } from './pulled-root';
import { movedTag, REGISTRY, SKOPEO } from './registry';
import { readingArchive, sendArchive } from './send-archive';

const COMPLETE = 'complete';

const LOOK = `${IS_COMPLETE}${REGISTRY}
cd -P ${IMAGES_DIR} 2>/dev/null || exit 0
about() {
  state=
  ! complete "$1" || state=${COMPLETE}
  if [ "$state" ] && [ -f "$1/pulled" ]; then
    read -r digest reference < "$1/pulled"
    state="$state $digest $reference\${tags:+ $(digest_of "$reference")}"
  fi
  printf '%s\\t%s\\n' "$1" "$state"
}
while IFS= read -r name; do
  [ -e "$name" ] || continue
  if [ "$tags" ]; then about "$name" & else about "$name"; fi
done
wait
`;

/**
 * Prints `root` and the layers that are missing for it, or nothing when the root exists. Arguments: its name, its
 * layers.
 */
const ASK_SCRIPT = `${IS_COMPLETE}
name=$1; shift
cd -P ${IMAGES_DIR} 2>/dev/null || { printf '%s\\n' root "$@"; exit 0; }
! complete "$name" || exit 0
echo root
for layer; do [ -f "layers/$layer/complete" ] || echo "$layer"; done
`;

/**
 * Unpacks a root and its missing layers from a checked archive on standard input. Only root can enter the directory
 * above, since the files include setuid programs. Remains of a truncated archive are removed, also those of an earlier
 * run: only one apply at a time changes a host. Arguments: the name of the root, and those layers.
 */
const LOAD_SCRIPT = `
set -eu
umask 022
[ -d ${IMAGES_DIR} ] || mkdir -m 0700 ${IMAGES_DIR}
cd -P ${IMAGES_DIR}
chmod 0700 .
name=$1 new=$1.new; shift
clean() {
  rm -rf --one-file-system -- *.new
  for layer; do [ -f "layers/$layer/complete" ] || rm -rf --one-file-system -- "layers/$layer"; done
}
clean "$@"
trap 'trap "" HUP INT TERM; clean "$@"' EXIT
trap : HUP INT TERM
mkdir -p layers
tar -x -z -p --numeric-owner --same-owner --delay-directory-restore \\
  --xattrs --xattrs-include=security.capability --xattrs-include='user.*' -f -
[ -f "$new/layers" ] || { echo 'the archive has ended early' >&2; exit 1; }
rm -rf --one-file-system -- "$name"
mv -T -- "$new" "$name"
trap - EXIT
`;

/**
 * Removes roots, and the layers that no other root uses. The marker that a root or layer is complete is removed first,
 * so that an interrupted removal leaves no root that looks complete. Arguments: names of roots.
 */
const DELETE_SCRIPT = `
set -eu
cd -P ${IMAGES_DIR} 2>/dev/null || exit 0
for name; do
  rm -f -- "$name/layers"
  rm -rf --one-file-system -- "$name"
done
rm -rf --one-file-system -- *.new
${REMOVE_UNUSED}
rmdir layers 2>/dev/null || true
cd / && rmdir ${IMAGES_DIR} 2>/dev/null || true
`;

/**
 * The root file system of an image, read-only and named by its content, so that all services that need the same root
 * share it. Each layer is kept once and sent once, even if several images have it: a root consists of hard links to the
 * files of its layers. Its state is `complete`, or empty.
 */
export const imageRoot: Kind<string> = {
  name: 'image-root',
  programs: { ...SKOPEO, umoci: { package: 'umoci' } },
  look: LOOK,
  read: (text) => text,
  asMade: () => COMPLETE,
  isSame: (actual) => wordsOf(actual)[0] === COMPLETE,

  plan(_name, actual) {
    const [state, ...pulled] = wordsOf(actual);
    if (state === COMPLETE) return movedTag(pulled);
    return [{ phase: 'load', reason: actual === undefined ? 'is missing' : 'is not complete' }];
  },

  async act(phase, scope, changes, tools) {
    if (phase === 'load') for (const change of changes) await load(scope, change, tools);
    if (phase !== 'delete') return;
    const names = changes.map(({ name }) => name);
    const service = changes[0]?.service ?? '';
    await run(scope, ['sh', '-c', DELETE_SCRIPT, 'sh', ...names], { service, action: 'delete image roots' });
  },
};

const wordsOf = (actual = '') => actual.split(' ');

async function load(scope: Scope, { name, wanted, service }: Change, { asset, signal }: Tools): Promise<void> {
  const at = ['objects', `image-root:${name}`];
  const reference = wanted?.spec?.reference;
  if (reference !== undefined) {
    const purpose = { service, action: `pull ${reference}`, at };
    await pullRoot(scope, { name, reference, extras: extrasOf(wanted?.spec ?? {}) }, purpose, signal);
  }
  if (!wanted?.asset) return;
  const purpose = { service, action: `load ${name}`, at };
  const root = await readingArchive(scope, purpose, () => rootOf(name, wanted, asset));
  const layers = [...new Set(root.layers.map(({ digest }) => digest))];
  const asked = await run(scope, ['sh', '-c', ASK_SCRIPT, 'sh', name, ...layers], purpose, {
    ...(signal && { signal }),
  });
  const [first, ...missing] = asked.stdout.toString().split('\n').filter(Boolean);
  if (first === undefined) return;
  await sendArchive(scope, {
    script: LOAD_SCRIPT,
    args: [name, ...missing],
    archive: () => gzip(sharedRootTar({ root, directory: `${name}.new`, missing, ...placeOf(wanted) })),
    purpose,
    signal,
  });
}

/** Opens the archive that a root is made from. @throws ArchiveError when the archive has another name */
function rootOf(name: string, { asset: digest = '', spec = {} }: ObjectPart, asset: Tools['asset']): RootArchive {
  const file = asset(digest);
  const root = spec.format === 'tar' ? rootOfTar(file, digest) : rootOfImage(file);
  const actual = sharedRootName(root.digest, extrasOf(spec));
  if (actual === name) return root;
  throw new ArchiveError({ file, problem: `unpacks to the root ${actual}`, expected: name });
}

function placeOf({ spec = {} }: ObjectPart) {
  const extras = extrasOf(spec);
  return { name: sharedRootDirectory(extras), extras };
}

function extrasOf({ bare, mountPoints, files, label }: Readonly<Record<string, string>>): RootExtras {
  return {
    ...(bare === undefined ? {} : { bare: true }),
    ...(mountPoints === undefined ? {} : { mountPoints: mountPoints.split('\n') }),
    ...(files === undefined ? {} : { files: filesIn(files) }),
    ...(label === undefined ? {} : { label }),
  };
}

function filesIn(json: string): Record<string, string> {
  try {
    const files = Object.entries(JSON.parse(json) as object);
    if (files.every(([, content]) => typeof content === 'string')) return Object.fromEntries(files);
  } catch {}
  throw new ArchiveError({ file: 'files of the root', problem: 'are damaged', expected: 'strings by path, in JSON' });
}
