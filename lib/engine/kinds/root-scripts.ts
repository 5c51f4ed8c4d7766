import { IMAGES_DIR } from '../paths';

/*
 * All scripts take the same arguments: the directory that a new root is placed from, the root, where the root before it is
 * kept, the note that says which image the root is of, and the name of the image that is wanted. A new root and a kept one
 * have such a note beside them. The note of a new root is written last, so a root without one is not whole.
 */
const ARGUMENTS = `
set -eu
new=$1 root=$2 previous=$3 note=$4 wanted=$5
`;

/**
 * Undoes a change that was cut off, or finishes it if its root is in place. A root that was taken back goes back to where
 * it was kept: the file "used" tells it from a copy, which is deleted. \`$settled\`: the root in place may be the wanted one.
 */
export const SETTLE = `${ARGUMENTS}
settled=
if [ -f "$new/image" ] && [ ! -e "$new/root" ]; then
  mv -T -- "$new/image" "$note"
  settled=yes
elif [ -f "$new/image" ] && [ ! -e "$root" ] && [ -e "$previous" ]; then
  mv -T -- "$previous" "$root"
  mv -T -- "$previous-image" "$note" 2>/dev/null || rm -f -- "$note"
  settled=yes
fi
if [ -e "$new/used" ] && [ -e "$new/root" ] && [ ! -e "$previous" ]; then
  [ ! -f "$new/image" ] || mv -T -- "$new/image" "$previous-image"
  mv -T -- "$new/root" "$previous"
fi
discard() { rm -f -- "$new/image"; rm -rf --one-file-system -- "$new"; }
discard
`;

/** Begins to load a root, which leaves nothing if it ends early. Needs \`$says\`, the text of its note. */
export const BEGIN_LOAD = `${SETTLE}
there() { [ "$settled" ] && [ "$(cat -- "$note" 2>/dev/null)" = "$says" ]; }
begin() {
  trap 'trap "" HUP INT TERM; discard' EXIT
  trap : HUP INT TERM
  (umask 077; mkdir -p -- "$new")
}
end() {
  printf '%s' "$says" > "$new/image"
  trap - EXIT
}
`;

/**
 * Copies the root of an image. Until it is placed, it lies in a directory that only root can enter, since it has programs
 * that run as root.
 */
export const COPY_SCRIPT = `${BEGIN_LOAD}
image=${IMAGES_DIR}/$wanted
says=$( (echo "$wanted"; cat "$image/pulled" 2>/dev/null) | tr '\\n' ' ')
there && exit
begin
cp -a --reflink=auto -- "$image/root" "$new/root"
end
`;

/**
 * Takes the root that was replaced last, if it is of the image that is wanted: what was written into it comes back.
 * Prints a word if a root is ready by then.
 */
export const TAKE_BACK_SCRIPT = `${SETTLE}
is_wanted() { [ "$(cut -d ' ' -f 1 -- "$1" 2>/dev/null)" = "$wanted" ]; }
if [ ! "$settled" ] || ! is_wanted "$note"; then
  [ -e "$previous" ] && is_wanted "$previous-image" || exit 0
  (umask 077; mkdir -p -- "$new")
  : > "$new/used"
  mv -T -- "$previous" "$new/root"
  mv -T -- "$previous-image" "$new/image"
fi
echo ready
`;

/** Places a new root, unless it is there already. The root that was there is kept until the next one comes. */
export const PLACE_SCRIPT = `${ARGUMENTS}
if [ -e "$new/root" ] || [ ! -e "$root" ]; then
  if [ -e "$root" ]; then
    rm -f -- "$previous-image"
    rm -rf --one-file-system -- "$previous"
    cp -p -- "$note" "$previous-image" 2>/dev/null || :
    mv -T -- "$root" "$previous"
  fi
  mv -T -- "$new/root" "$root"
  mv -T -- "$new/image" "$note"
fi
rm -rf --one-file-system -- "$new"
`;
