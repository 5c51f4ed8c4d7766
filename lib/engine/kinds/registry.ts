import { RUNS } from '../architecture';
import type { Program, Task } from '../kind';

/** What pulls images for runtimes that have no client of their own, with the credentials and settings of the host. */
export const SKOPEO: Readonly<Record<string, Program>> = { skopeo: { package: 'skopeo' } };

/** What a pull may take before it is given up. skopeo(1) does not notice by itself that a registry has gone silent. */
const PULL_LIMIT = '30m';

/** SHA-256 of nothing: what remains of a program that fails. */
const OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * Functions of sh. `digest_of REFERENCE` prints the digest of what a registry has under it, as sha256:2f1c..., and asks it
 * only about a tag: an image for several processors has one. Otherwise it prints a question mark and why.
 * `pulled_from REFERENCE` prints it without tag and digest.
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

/** Lines of sh that find the $digest of what a registry has under $reference. What it says instead is no path. */
export const FIND_DIGEST = `
digest=$(digest_of "$reference")
case $digest in '?'*) echo "its registry does not say what it is:\${digest#'?'}" >&2; exit 1 ;; esac
`;

const PROCESSORS = Object.entries(RUNS).map(([machine, runs]) => `${machine}) echo ' ${runs.join(' ')} ' ;;`);

/**
 * Lines of sh that pull $reference, as $digest, to $place, in the words of skopeo(1). An image that is for one processor
 * alone is pulled for whatever it is.
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
 * What to do about what was pulled, by what a look says of it: its digest, its reference and, where somebody asked about
 * tags, what the registry has under it.
 */
export function movedTag([pulled, reference, now, ...why]: readonly string[]): Task[] {
  if (now === undefined || now === pulled) return [];
  if (now === '?')
    return [
      // Without anything to do, nobody would be told of an obstacle.
      { phase: 'load', reason: `${reference} may be another image by now` },
      {
        obstacle: `its registry does not say what ${reference} is: ${why.join(' ')}`,
        advice: 'leave out --check-tags to keep what was pulled',
      },
    ];
  return [{ phase: 'load', reason: `is ${short(pulled)}, and ${reference} is ${short(now)} by now` }];
}

const short = (digest = '') => digest.slice(0, 'sha256:'.length + 12);
