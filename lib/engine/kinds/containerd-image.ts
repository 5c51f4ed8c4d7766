import type { ObjectPart } from '../../manifest';
import type { Kind } from '../kind';
import { LOAD_DIR } from '../paths';
import { run } from '../run';
import { FIND_DIGEST, movedTag, PULL, REGISTRY, SKOPEO } from './registry';
import { sendImage } from './send-image';

interface ActualImage {
  /** SHA-256 of its manifest, in hex. */
  readonly digest: string;
  /** Whether the store has all its layers. */
  readonly isComplete: boolean;
  /**
   * For a pulled image: its digest, its reference and, if tags are checked, the registry's digest for the reference.
   */
  readonly pulled?: readonly string[];
}

/** Namespace for Bulkhead's images, separate from those of docker and Kubernetes. */
const CTR = 'ctr -n bulkhead';

/**
 * For each image its name, its digest, whether it is complete, and how it was pulled. Nothing when containerd does not
 * run.
 */
const LOOK = `${REGISTRY}
command -v ctr >/dev/null && systemctl is-active --quiet containerd || exit 0
labels=$(${CTR} images ls | sed -n 's/^\\([^ ]*\\) .*bulkhead\\.pulled=\\([^, ]*\\),bulkhead\\.reference=\\([^, ]*\\).*/\\1 \\2 \\3/p')
${CTR} images check | awk 'NR > 1 { print $1, $3, $4 }' | while read -r name digest status; do
  pulled=$(printf '%s\\n' "$labels" | awk -v name="$name" '$1 == name { print $2, $3 }')
  [ -z "$pulled" ] || [ -z "$tags" ] || pulled="$pulled $(digest_of "\${pulled#* }")"
  printf '%s\\t%s %s %s\\n' "$name" "$digest" "$status" "$pulled"
done`;

const PRESENT = `systemctl start containerd && ${CTR} content ls --quiet`;

/**
 * Imports an image from an OCI image layout with its name on standard input. containerd keeps the name of an image that
 * it could not unpack, and ignores an image for another architecture. Argument: the name.
 */
const LOAD = `
trap '${CTR} images rm --sync "$1" >/dev/null' EXIT
${CTR} images import - >/dev/null
${CTR} images ls --quiet | grep -Fxq -e "$1" || { echo 'the image has nothing for this architecture' >&2; exit 1; }
trap - EXIT`;

/** Pulls an image and names it. Arguments: the name, the reference, and a working directory. */
const PULL_SCRIPT = `set -eu${REGISTRY}
name=$1 reference=$2 new=$3
${FIND_DIGEST.trim()}
rm -rf --one-file-system -- "$new"
trap 'trap "" HUP INT TERM; rm -rf --one-file-system -- "$new"' EXIT
trap : HUP INT TERM
(umask 077; mkdir -p -- "$new")
place=oci-archive:$new/image.tar:\${name##*:}
${PULL.trim()}
systemctl start containerd
${CTR} images rm --sync "$name" >/dev/null 2>&1 || :
${CTR} images import --base-name "\${name%:*}" "$new/image.tar" >/dev/null
${CTR} images ls --quiet | grep -Fxq -e "$name" || { echo 'the image has nothing for this architecture' >&2; exit 1; }
${CTR} images label "$name" "bulkhead.pulled=$digest" "bulkhead.reference=$reference" >/dev/null
`;

const DELETE = `systemctl start containerd && ${CTR} images rm --sync "$@"`;

/** An image in containerd's store, loaded from an OCI archive, or pulled by skopeo(1) with the host's credentials. */
export const containerdImage: Kind<ActualImage> = {
  name: 'containerd-image',
  programs: { ctr: { package: 'containerd' }, ...SKOPEO },
  look: LOOK,
  read(text) {
    const [digest = '', status, ...pulled] = text.split(' ').filter(Boolean);
    const actual = { digest: digest.replace(/^sha256:/, ''), isComplete: status === 'complete' };
    return pulled.length === 0 ? actual : { ...actual, pulled };
  },
  asMade: (_name, { spec = {} }) => ({
    digest: spec.digest ?? '',
    isComplete: true,
    ...(spec.reference === undefined ? {} : { pulled: ['', spec.reference] }),
  }),
  isSame,

  plan(_name, actual, wanted) {
    if (!actual) return [{ phase: 'load', reason: 'is missing' }];
    if (!isSame(actual, wanted)) return [{ phase: 'load', reason: 'is another image' }];
    return actual.isComplete ? movedTag(actual.pulled ?? []) : [{ phase: 'load', reason: 'lacks layers' }];
  },

  async act(phase, scope, changes, { asset, signal }) {
    const names = changes.map(({ name }) => name);
    if (phase === 'delete') {
      await run(scope, ['sh', '-euc', DELETE, 'sh', ...names], { action: `remove image ${names.join(', ')}` });
      return;
    }
    for (const { name, wanted, service } of changes) {
      const at = ['objects', `containerd-image:${name}`];
      const reference = wanted?.spec?.reference;
      if (reference !== undefined) {
        const words = ['sh', '-c', PULL_SCRIPT, 'sh', name, reference, `${LOAD_DIR}/pull`];
        await run(scope, words, { service, action: `pull ${reference}`, at }, signal ? { signal } : {});
      }
      if (!wanted?.asset) continue;
      await sendImage(scope, {
        file: asset(wanted.asset),
        present: ['sh', '-euc', PRESENT],
        name,
        script: `set -eu${LOAD}`,
        args: [name],
        purpose: { service, action: `load ${name}`, at },
        signal,
      });
    }
  },
};

/** Whether it is the image of the asset, or an image pulled by that reference. */
function isSame({ digest, pulled }: ActualImage, { spec = {} }: ObjectPart): boolean {
  return spec.reference === undefined ? digest === spec.digest : pulled?.[1] === spec.reference;
}
