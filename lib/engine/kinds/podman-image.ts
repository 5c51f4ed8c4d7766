import type { ObjectPart } from '../../manifest';
import type { Kind } from '../kind';
import { LOAD_DIR } from '../paths';
import { listBy, PODMAN, removeFromPodman } from './podman';
import { sendImage } from './send-image';

interface ActualImage {
  readonly id: string;
}

/**
 * Loads an image from an OCI image layout without names on standard input. podman would otherwise give these names to
 * the image, even if other images have them. The layout is deleted afterwards, also after an interruption, and so is an
 * image that has no name yet. Arguments: the directory for the layout, its name there, the name for the image, and the
 * ID of the image if that is known. A signal ends the command that the shell waits for, and so the shell.
 */
const LOAD_SCRIPT = `
set -eu
base=\${1:-$HOME/.cache/bulkhead} dir=$base/$2 key=$3 id=$4
rm -rf --one-file-system -- "$base"
kept=yes
[ -z "$id" ] || podman image exists "$id" || kept=
clean() {
  trap "" HUP INT TERM
  rm -rf --one-file-system -- "$base"
  [ "$kept" ] || podman image rm "$id" >/dev/null 2>&1 || :
}
trap clean EXIT
trap : HUP INT TERM
(umask 077; mkdir -p -- "$dir"; tar -x --no-same-owner --no-same-permissions -C "$dir" -f -)
id=$(podman pull --quiet "oci:$dir")
podman tag "$id" "$key"
kept=yes
podman untag "$key" "localhost$dir:latest" 2>/dev/null || true
`;

/** Digests of the layers in podman's store, compressed and uncompressed. podman does not read these layers again. */
const PRESENT = `
layers=$(podman info --format '{{.Store.GraphRoot}}/{{.Store.GraphDriverName}}-layers/layers.json')
[ ! -e "$layers" ] || grep -Eo 'sha256:[0-9a-f]{64}' "$layers" || :`;

/** An image in podman's store: loaded from an OCI archive, or pulled or built by a Quadlet unit. */
export const podmanImage: Kind<ActualImage> = {
  name: 'podman-image',
  programs: PODMAN,
  look: listBy('image ls --no-trunc', '{{.Repository}}:{{.Tag}}\t{{.Id}}'),
  read: (text) => ({ id: text.replace(/^sha256:/, '') }),
  asMade: (_name, object) => ({ id: object.spec?.id ?? '' }),
  isSame: (actual, wanted) => wanted.spec?.id !== undefined && actual.id === wanted.spec.id,

  plan(_name, actual, wanted, before) {
    const same = actual?.id === wanted.spec?.id;
    // An adopted image, or one that an earlier service has left, is kept.
    if (actual && before.isFirst && (wanted.retain || (before.adopt && same))) return [];
    const reason = difference(actual, same, wanted, before.recorded);
    return reason ? [{ phase: 'load', reason }] : [];
  },

  async act(phase, scope, changes, { asset, signal }) {
    if (phase === 'delete') return removeFromPodman(scope, 'image', changes);
    for (const { name, wanted, service } of changes) {
      if (!wanted?.asset) continue;
      const base = scope.user === undefined ? LOAD_DIR : '';
      await sendImage(scope, {
        file: asset(wanted.asset),
        present: ['sh', '-euc', PRESENT],
        script: LOAD_SCRIPT,
        args: [base, wanted.asset, name, wanted.spec?.id ?? ''],
        purpose: { service, action: `load ${name}`, at: ['objects', `podman-image:${name}`] },
        signal,
      });
    }
  },
};

function difference(
  actual: ActualImage | undefined,
  same: boolean,
  wanted: ObjectPart,
  recorded: ObjectPart | undefined,
): string | undefined {
  if (!actual) return 'is missing';
  if (wanted.spec?.id !== undefined && !same) return 'is another image';
  return recorded?.asset === wanted.asset ? undefined : 'is new';
}
