import { posix } from 'node:path';
import type { Kind, Task } from '../kind';
import { IMAGES_DIR } from '../paths';
import { type Purpose, run } from '../run';
import type { Scope } from '../scope';
import { removePaths } from '../write-files';
import { movedTag, REGISTRY } from './registry';
import { rootKeptBy } from './root-keeping';

/**
 * Copies the root of an image. Until it is placed it lies in a directory that only root can enter, since it has programs
 * that run as root. A copy that ends early leaves nothing. Arguments: that directory, and the name of the image's root.
 */
const COPY_SCRIPT = `
set -eu
new=$1 image=${IMAGES_DIR}/$2
rm -rf --one-file-system -- "$new"
trap 'trap "" HUP INT TERM; rm -rf --one-file-system -- "$new"' EXIT
trap : HUP INT TERM
(umask 077; mkdir -p -- "$new")
cp -a --reflink=auto -- "$image/root" "$new/root"
(echo "$2"; cat "$image/pulled" 2>/dev/null) | tr '\\n' ' ' > "$new/image"
trap - EXIT
`;

export const PLACE_SCRIPT = `
set -eu
new=$1 root=$2 previous=$3 image=$4
if [ -e "$root" ]; then
  rm -rf --one-file-system -- "$previous" "$previous-image"
  mv -T -- "$root" "$previous"
  cp -p -- "$image" "$previous-image" 2>/dev/null || :
fi
mv -T -- "$new/root" "$root"
mv -T -- "$new/image" "$image"
rmdir -- "$new"
`;

/**
 * Takes the root that was replaced last, if it is of the image that is wanted: what was written into it comes back.
 * Prints what it took. Arguments: the directory that a new root is placed from, the root before, and the image.
 */
const TAKE_BACK_SCRIPT = `
set -eu
new=$1 previous=$2
[ -e "$previous" ] && [ "$(cut -d ' ' -f 1 "$previous-image" 2>/dev/null)" = "$3" ] || exit 0
rm -rf --one-file-system -- "$new"
(umask 077; mkdir -p -- "$new")
mv -T -- "$previous-image" "$new/image"
mv -T -- "$previous" "$new/root"
echo "$previous"
`;

export const KEPT = 'the old one is kept until the next time';

/** Holds a root that is to be placed, and nothing else. */
export const newRoot = (root: string) => posix.join(posix.dirname(root), `.${posix.basename(root)}.bulkhead-new`);

/** Where the root that was there before is kept: what was written into it is not lost by a new image. */
export const previousRoot = (root: string) => posix.join(posix.dirname(root), `.${posix.basename(root)}.previous`);

/** Says which image a root is a copy of. */
export const imageOf = (root: string) => posix.join(posix.dirname(root), `.${posix.basename(root)}.image`);

/** What there may be of a machine's root: also one that was never placed, and the lock of systemd-nspawn(1). */
export function tracesOfRoot(root: string): string[] {
  const lock = posix.join(posix.dirname(root), `.#${posix.basename(root)}.lck`);
  return [root, newRoot(root), previousRoot(root), `${previousRoot(root)}-image`, imageOf(root), lock];
}

// A root that was cut off while it was placed has left the note where it was copied.
const LOOK = `${REGISTRY}
while IFS= read -r root; do
  [ -d "$root" ] || continue
  new=\${root%/*}/.\${root##*/}.bulkhead-new image=\${root%/*}/.\${root##*/}.image
  [ -e "$new/root" ] || [ ! -f "$new/image" ] || image=$new/image
  name= digest= reference= now=
  [ ! -f "$image" ] || read -r name digest reference < "$image" || :
  [ -z "$reference" ] || [ -z "$tags" ] || now=" $(digest_of "$reference")"
  printf '%s\\t%s\\n' "$root" "$name\${digest:+ $digest $reference}$now"
done
`;

/**
 * The root of a machine of systemd-nspawn: a directory, named by its path, that is a copy of the root of an image, which
 * the machine may change. What it is now is the name of that root, and what that was pulled as; empty when the host does
 * not say, as for a root that was taken over.
 */
export const machineRoot: Kind<string> = {
  name: 'machine-root',
  programs: { 'systemd-nspawn': { package: 'systemd-container' } },
  look: LOOK,
  read: (text) => text,
  asMade: (_name, { spec }) => spec?.image ?? '',
  holds: 'was written into it',
  takesBack: true,

  plan(_name, actual, wanted, { recorded, isFirst, adopt }) {
    // What is taken over, or was left by an earlier service, stays.
    if (actual === undefined) return load('is missing');
    if (isFirst && (wanted.retain || adopt)) return [];
    const [image, ...pulled] = actual.split(' ').filter(Boolean);
    if ((image ?? recorded?.spec?.image) !== wanted.spec?.image) return load(`is replaced by another; ${KEPT}`);
    return movedTag(pulled).flatMap((task) => ('phase' in task ? load(`${task.reason}; ${KEPT}`) : [task]));
  },

  async act(phase, scope, changes, { isBack, signal }) {
    const roots = changes.map(({ name }) => name);
    if (phase === 'delete') {
      await removePaths(scope, roots.flatMap(tracesOfRoot), signal);
      return;
    }
    for (const { name, wanted, service } of changes) {
      if (phase === 'place') await placeRoot(scope, name, service);
      else if (wanted?.spec?.image !== undefined) {
        const purpose = { service, action: `load ${name}`, at: ['objects', `machine-root:${name}`] };
        const copy = { root: name, image: wanted.spec.image };
        if (!isBack || !(await takeBack(scope, copy, purpose))) await copyRoot(scope, copy, purpose, signal);
      }
    }
  },

  keptBy: rootKeptBy((kind) => kind === 'machine-root'),
};

/** A root, and the image that it is of. */
interface RootOf {
  readonly root: string;
  readonly image: string;
}

/** Brings back the root that was replaced last, if it is of that image. @throws ApplyError */
export async function takeBack(scope: Scope, { root, image }: RootOf, purpose: Purpose): Promise<boolean> {
  const words = ['sh', '-c', TAKE_BACK_SCRIPT, 'sh', newRoot(root), previousRoot(root), image];
  const { stdout } = await run(scope, words, purpose);
  return stdout.length > 0;
}

/** Copies the root of an image beside its place. @throws ApplyError */
export async function copyRoot(
  scope: Scope,
  { root, image }: RootOf,
  purpose: Purpose,
  signal: AbortSignal | undefined,
): Promise<void> {
  await run(scope, ['sh', '-c', COPY_SCRIPT, 'sh', newRoot(root), image], purpose, signal ? { signal } : {});
}

/** Brings a root, and puts it in its place. */
export function load(reason: string): Task[] {
  return [
    { phase: 'load', reason, impact: 're-create' },
    { phase: 'place', reason },
  ];
}

/** Puts an unpacked root in its place. The one that was there is kept beside it until the next one comes. */
async function placeRoot(scope: Scope, root: string, service: string): Promise<void> {
  const command = ['sh', '-c', PLACE_SCRIPT, 'sh', newRoot(root), root, previousRoot(root), imageOf(root)];
  await run(scope, command, { service, action: `replace ${root}`, at: ['objects', `machine-root:${root}`] });
}
