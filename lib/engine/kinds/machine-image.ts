import { createReadStream, existsSync } from 'node:fs';
import type { ObjectPart } from '../../manifest';
import { ApplyError } from '../errors';
import type { Change, Kind, Task, Tools } from '../kind';
import { run } from '../run';
import type { Scope } from '../scope';
import { removePaths } from '../write-files';
import { copyRoot, HALFWAY, KEPT, load, settle, takeBack, tracesOfRoot, wordsFor } from './machine-root';
import { LEFT_HALFWAY } from './root-keeping';
import { BEGIN_LOAD, PLACE_SCRIPT } from './root-scripts';
import { sendArchive } from './send-archive';

interface ActualImage {
  /** What machined says: directory, subvolume or raw. */
  readonly type: string;
  readonly readOnly: boolean;
  /** Name of the image root, or digest of the disk, that it was made from; empty where the host does not say. */
  readonly from: string;
  /** Whether a change that was cut off has left another one beside it. */
  readonly halfway?: boolean;
}

const POOL = '/var/lib/machines';

const LOOK = `
names=$(cat)
[ "$names" ] || exit 0
images=$(machinectl list-images --no-legend --no-pager 2>/dev/null) || exit 0
printf '%s\\n' "$names" | while IFS= read -r name; do
  found=$(printf '%s\\n' "$images" | awk -v name="$name" '$1 == name { print $2, $3; exit }')
  [ "$found" ] || continue
  printf '%s\\t%s ' "$name" "$found"
  for file in "$name" "$name.raw"; do
    new=${POOL}/.$file.bulkhead-new note=${POOL}/.$file.image
    [ -e "$new/root" ] || [ ! -f "$new/image" ] || note=$new/image
    [ ! -f "$note" ] || head -c 64 -- "$note"
  done
  for new in ${POOL}/."$name".bulkhead-new ${POOL}/."$name".raw.bulkhead-new; do [ ! -e "$new" ] || printf ' ${HALFWAY}'; done
  echo
done
`;

/** Reads a raw image, whose digest is the wanted one, from standard input. */
const RECEIVE = `${BEGIN_LOAD}
umask 077
says=$wanted
there && exit
begin
cp --sparse=always /dev/stdin "$new/root"
[ "$(sha256sum <"$new/root" | cut -c 1-64)" = "$wanted" ] || { echo 'the image has ended early' >&2; exit 1; }
end
`;

// machined refuses that for as long as a machine uses the image.
const READ_ONLY = `
read_only() {
  machinectl read-only "$1" "$2" 2>/dev/null && return
  path=${POOL}/$1
  case $2 in true) immutable=+i writable=a-w ;; *) immutable=-i writable=u+w ;; esac
  if [ -f "$path.raw" ]; then chmod "$writable" -- "$path.raw"; else chattr "$immutable" -- "$path"; fi
}
`;

// systemd-nspawn makes the directories of a system that are missing, which it can't in an image that is read-only.
const PLACE = `${READ_ONLY}
for old in ${POOL}/"$0" ${POOL}/"$0".raw; do [ ! -e "$old" ] || read_only "$0" false; done
(${PLACE_SCRIPT})
if [ -d "$2" ]; then
  cd -P "$2"
  missing() { [ ! -e "$1" ] && [ ! -L "$1" ]; }
  for name in bin lib sbin; do ! missing "$name" || [ ! -d "usr/$name" ] || ln -s "usr/$name" "$name"; done
  for name in dev etc proc root run sys tmp usr var; do ! missing "$name" || mkdir -m 0755 "$name"; done
  [ -L tmp ] || chmod 1777 tmp
fi
read_only "$0" "$6"
`;

const MAKE = `${READ_ONLY}
name=$0 clone=$1 readonly=$2
[ ! "$clone" ] || machinectl show-image "$name" >/dev/null 2>&1 || machinectl --quiet clone "$clone" "$name"
read_only "$name" "$readonly"
`;

const DELETE = `${READ_ONLY}
for name; do
  machinectl show-image "$name" >/dev/null 2>&1 || continue
  read_only "$name" false
  machinectl remove "$name"
done
`;

/**
 * An image in the pool of systemd-machined(8), named as machinectl(1) lists it: a directory, a raw disk, or a clone of
 * another one. Archives are checked and unpacked to an image root, as all are; machined does the rest.
 */
export const machineImage: Kind<ActualImage> = {
  name: 'machine-image',
  takesBack: true,
  programs: { machinectl: { package: 'systemd-container' } },
  look: LOOK,

  read(text) {
    const [type = '', readOnly = '', from = '', left] = text.split(' ');
    const known = { type: type === 'raw' ? 'raw' : 'directory', readOnly: readOnly === 'yes', from };
    return left === HALFWAY ? { ...known, halfway: true } : known;
  },

  asMade: (_name, object) => ({
    type: object.asset === undefined ? 'directory' : 'raw',
    readOnly: object.spec?.readOnly === 'true',
    from: sourceOf(object) ?? '',
  }),

  plan(_name, actual, wanted, { recorded, isFirst, adopt }): readonly Task[] {
    const { clone, readOnly } = wanted.spec ?? {};
    if (actual === undefined)
      return clone === undefined ? load('is missing') : [{ phase: 'make', reason: 'is missing' }];
    const keeps = clone !== undefined || (isFirst && (wanted.retain || adopt));
    if (!keeps && (actual.from || sourceOf(recorded)) !== sourceOf(wanted))
      return load(`is replaced by another; ${KEPT}`);
    if (actual.readOnly !== (readOnly === 'true'))
      return [{ phase: 'make', reason: actual.readOnly ? 'is read-only' : 'is not read-only' }];
    return actual.halfway ? [{ phase: 'make', reason: LEFT_HALFWAY }] : [];
  },

  async act(phase, scope, changes, tools) {
    if (phase === 'delete') return remove(scope, changes, tools.signal);
    for (const change of changes) {
      const { name, wanted = {}, service } = change;
      const purpose = { service, action: `${phase} ${name}`, at: ['objects', `machine-image:${name}`] };
      const { clone = '', readOnly = '' } = wanted.spec ?? {};
      const root = { root: pathOf(name, wanted), image: sourceOf(wanted) ?? '' };
      if (phase === 'load') await bring(scope, change, tools);
      if (phase === 'make') {
        if (clone === '') await settle(scope, root, purpose);
        await run(scope, ['sh', '-euc', MAKE, name, clone, readOnly], purpose);
      }
      if (phase === 'place') await run(scope, ['sh', '-euc', PLACE, name, ...wordsFor(root), readOnly], purpose);
    }
  },
};

const sourceOf = (object?: ObjectPart) => object?.asset ?? object?.spec?.image;

const pathOf = (name: string, { asset }: ObjectPart) => `${POOL}/${name}${asset === undefined ? '' : '.raw'}`;

async function bring(scope: Scope, { name, wanted, service }: Change, { asset, isBack, signal }: Tools): Promise<void> {
  const from = sourceOf(wanted);
  if (!wanted || from === undefined) return;
  const purpose = { service, action: `load ${name}`, at: ['objects', `machine-image:${name}`] };
  const root = { root: pathOf(name, wanted), image: from };
  if (isBack && (await takeBack(scope, root, purpose))) return;
  if (wanted.asset === undefined) return copyRoot(scope, root, purpose, signal);
  const args = wordsFor(root);
  const file = asset(wanted.asset);
  if (isBack && !existsSync(file))
    throw new ApplyError({ host: scope.address, ...purpose, problem: 'the image is no longer there' });
  await sendArchive(scope, { script: RECEIVE, args, archive: () => createReadStream(file), purpose, signal });
}

async function remove(scope: Scope, changes: readonly Change[], signal: AbortSignal | undefined): Promise<void> {
  const names = changes.map(({ name }) => name);
  const { service = '' } = changes[0] ?? {};
  await run(scope, ['sh', '-euc', DELETE, 'sh', ...names], { service, action: `remove image ${names.join(', ')}` });
  const paths = names.flatMap((name) => [`${POOL}/${name}`, `${POOL}/${name}.raw`]);
  await removePaths(scope, paths.flatMap(tracesOfRoot), signal);
}
