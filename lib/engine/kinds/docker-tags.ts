import type { Task } from '../kind';
import { movedTag, REGISTRY } from './registry';

/**
 * Functions of sh. `tag_of REFERENCE DIGESTS` prints, where somebody asked about tags, a tab, which of the digests an image
 * was pulled by, the reference, and what its registry has under it. Images that were loaded are in no registry.
 */
const TAG = `${REGISTRY}
tag_of() {
  [ "$tags" ] || return 0
  case $1 in localhost/*|*@*|sha256:*|'') return 0 ;; esac
  now=$(digest_of "$1")
  pulled=$(printf '%s' "$2" | grep -o 'sha256:[0-9a-f]*' | grep -Fx "$now" || printf '%s' "$2" | grep -o 'sha256:[0-9a-f]*')
  [ -z "$pulled" ] || printf '\\t%s %s %s' "$(printf '%s' "$pulled" | head -n 1)" "$1" "$now"
}
digests_in() { sed -n 's/.*"RepoDigests":\\[\\([^]]*\\)\\].*/\\1/p'; }
`;

/** Before the words that look at images, and after each of them. */
export const TAG_OF_IMAGE = [TAG, `tag_of "$name" "$(printf '%s' "$answer" | digests_in)"`] as const;

/** Before the words that look at containers, and after each of them. */
export const TAG_OF_CONTAINER = [
  TAG,
  `if [ "$tags" ]; then
    reference=$(printf '%s' "$answer" | sed -n 's/.*"Config":{.*"Image":"\\([^"]*\\)".*/\\1/p')
    id=$(printf '%s' "$answer" | sed -n 's/.*"Image":"\\(sha256:[0-9a-f]*\\)".*/\\1/p')
    tag_of "$reference" "$(curl -sf --globoff --unix-socket /run/docker.sock "http://docker/images/$id/json" | digests_in)"
  fi`,
] as const;

/** What to do about an image of docker, by what those words say. */
export const movedTagOf = (said: string): Task[] => movedTag(said.split(' ').filter(Boolean));
