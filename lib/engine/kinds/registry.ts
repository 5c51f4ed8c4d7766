import { RUNS } from '../architecture';
import type { Program, Task } from '../kind';

/** Pulls images for runtimes without their own client, with the host's credentials and settings. */
export const SKOPEO: Readonly<Record<string, Program>> = { skopeo: { package: 'skopeo' } };

/** Time after which a pull fails. skopeo(1) itself does not notice that a registry no longer answers. */
const PULL_LIMIT = '30m';

/** SHA-256 of an empty text, which is the output of a failed program. */
const OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * Shell functions. `digest_of REFERENCE` prints the registry's digest for a reference, as sha256:2f1c.... It asks the
 * registry only for a tag; a multi-platform image has one digest. On failure it prints a question mark and the reason.
 * `pulled_from REFERENCE` prints the reference without tag and digest.
 */
export const REGISTRY = `
digest_of() {
  case $1 in *@*) printf %s "\${1##*@}"; return ;; esac
  said=$(mktemp) || return
  sum=$(timeout 30 skopeo inspect --raw "docker://$1" 2>"$said" | sha256sum)
  if [ "\${sum%% *}" = ${OF_NOTHING} ]; then
    [ -s "$said" ] || echo 'no answer within 30 s' > "$said"
    printf '? %s' "$(tail -n 1 "$said" | sed 's/.* msg="\\(.*\\)"$/\\1/; s/\\\\"/"/g' | cut -c 1-1000 | tr '\\t' ' ')"
  else printf 'sha256:%s' "\${sum%% *}"
  fi
  rm -f "$said"
}
pulled_from() {
  case $1 in *@*) printf %s "\${1%@*}" ;; *) printf %s "\${1%:*}" ;; esac
}
`;

/** Shell lines that set $digest to the registry's digest for $reference. They fail if the registry gives none. */
export const FIND_DIGEST = `
digest=$(digest_of "$reference")
case $digest in '?'*) echo "its registry does not say what it is:\${digest#'?'}" >&2; exit 1 ;; esac
`;

const PROCESSORS = Object.entries(RUNS).map(([machine, runs]) => `${machine}) echo ' ${runs.join(' ')} ' ;;`);

/**
 * Shell lines that pull $reference, with $digest, to $place, in the words of skopeo(1). An image for a single platform
 * is pulled whatever its platform is.
 */
export const PULL = `
skopeo --command-timeout ${PULL_LIMIT} copy --quiet --retry-times 2 \\
  "docker://$(pulled_from "$reference")@$digest" "$place" >&2
processor=$(skopeo inspect --format '{{.Architecture}}' "$place")
case $(case $(uname -m) in ${PROCESSORS.join(' ')} *) echo " $processor " ;; esac) in
  *" $processor "*) ;;
  *) echo "its programs are for $processor, and the host is $(uname -m)" >&2; exit 1 ;;
esac
`;

/**
 * Steps for a pulled image: its digest, its reference and, if tags are checked, the registry's digest for the
 * reference.
 */
export function movedTag([pulled, reference, now, ...why]: readonly string[]): Task[] {
  if (now === undefined || now === pulled) return [];
  if (now === '?')
    return [
      // An obstacle is shown only with a step.
      { phase: 'load', reason: `${reference} may be another image by now` },
      {
        obstacle: `its registry does not say what ${reference} is: ${why.join(' ')}`,
        advice: 'leave out --check-tags to keep what was pulled',
      },
    ];
  return [{ phase: 'load', reason: `is ${short(pulled)}, and ${reference} is ${short(now)} by now` }];
}

const short = (digest = '') => digest.slice(0, 'sha256:'.length + 12);
