import { posix } from 'node:path';
import type { Kind, Task } from '../kind';
import { type Purpose, run } from '../run';
import type { Scope } from '../scope';
import { removePaths } from '../write-files';
import { movedTag, REGISTRY } from './registry';
import { LEFT_HALFWAY, rootKeptBy } from './root-keeping';
import { COPY_SCRIPT, PLACE_SCRIPT, SETTLE, TAKE_BACK_SCRIPT } from './root-scripts';

export const KEPT = 'the old one is kept until the next time';

/** What a look says, and a plan, when the wanted root is in its place and a change that was cut off has left another. */
export const HALFWAY = 'halfway';

/** Holds a root that is to be placed, and nothing else. */
const newRoot = (root: string) => posix.join(posix.dirname(root), `.${posix.basename(root)}.bulkhead-new`);

/** Where the root that was there before is kept: what was written into it is not lost by a new image. */
const previousRoot = (root: string) => posix.join(posix.dirname(root), `.${posix.basename(root)}.previous`);

/** Says which image a root is a copy of. */
const imageOf = (root: string) => posix.join(posix.dirname(root), `.${posix.basename(root)}.image`);

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
  name= digest= reference= now= halfway=
  [ ! -f "$image" ] || read -r name digest reference < "$image" || :
  [ -z "$reference" ] || [ -z "$tags" ] || now=" $(digest_of "$reference")"
  [ ! -e "$new" ] || halfway=' ${HALFWAY}'
  printf '%s\\t%s\\n' "$root" "$name\${digest:+ $digest $reference}$now$halfway"
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
    const words = actual.split(' ').filter(Boolean);
    const [image, ...pulled] = words.filter((word) => word !== HALFWAY);
    if ((image ?? recorded?.spec?.image) !== wanted.spec?.image) return load(`is replaced by another; ${KEPT}`);
    const moved = movedTag(pulled);
    if (moved.length === 0 && words.includes(HALFWAY)) return [{ phase: 'make', reason: LEFT_HALFWAY }];
    return moved.flatMap((task) => ('phase' in task ? load(`${task.reason}; ${KEPT}`) : [task]));
  },

  async act(phase, scope, changes, { isBack, signal }) {
    const roots = changes.map(({ name }) => name);
    if (phase === 'delete') {
      await removePaths(scope, roots.flatMap(tracesOfRoot), signal);
      return;
    }
    for (const { name, wanted, service } of changes) {
      if (wanted?.spec?.image === undefined) continue;
      const root = { root: name, image: wanted.spec.image };
      const purpose = { service, at: ['objects', `machine-root:${name}`] };
      if (phase === 'place') await placeRoot(scope, root, { ...purpose, action: `replace ${name}` });
      else if (phase === 'make') await settle(scope, root, { ...purpose, action: `tidy up ${name}` });
      else {
        const loading = { ...purpose, action: `load ${name}` };
        if (!isBack || !(await takeBack(scope, root, loading))) await copyRoot(scope, root, loading, signal);
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

/** What the scripts for a root take. */
export const wordsFor = ({ root, image }: RootOf): string[] => [
  newRoot(root),
  root,
  previousRoot(root),
  imageOf(root),
  image,
];

/** Brings back the root that was replaced last, if it is of that image. @throws ApplyError */
export async function takeBack(scope: Scope, wanted: RootOf, purpose: Purpose): Promise<boolean> {
  const { stdout } = await run(scope, ['sh', '-c', TAKE_BACK_SCRIPT, 'sh', ...wordsFor(wanted)], purpose);
  return stdout.length > 0;
}

/** Copies the root of an image beside its place. @throws ApplyError */
export async function copyRoot(
  scope: Scope,
  wanted: RootOf,
  purpose: Purpose,
  signal: AbortSignal | undefined,
): Promise<void> {
  await run(scope, ['sh', '-c', COPY_SCRIPT, 'sh', ...wordsFor(wanted)], purpose, signal ? { signal } : {});
}

/** Undoes what a change that was cut off has left beside a root. @throws ApplyError */
export async function settle(scope: Scope, root: RootOf, purpose: Purpose): Promise<void> {
  await run(scope, ['sh', '-c', SETTLE, 'sh', ...wordsFor(root)], purpose);
}

/** Brings a root, and puts it in its place. */
export function load(reason: string): Task[] {
  return [
    { phase: 'load', reason, impact: 're-create' },
    { phase: 'place', reason },
  ];
}

/** Puts a root in its place. The one that was there is kept beside it until the next one comes. */
async function placeRoot(scope: Scope, root: RootOf, purpose: Purpose): Promise<void> {
  await run(scope, ['sh', '-c', PLACE_SCRIPT, 'sh', ...wordsFor(root)], purpose);
}
