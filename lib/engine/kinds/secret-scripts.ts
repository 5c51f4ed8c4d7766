import { SECRETS_DIR } from '../../manifest';

/**
 * A digest of what comes in, which tells nothing to who has not the host's own key: a value that can be guessed can not be
 * tried.
 */
const DIGEST = `digest() { { cat key && cat; } | sha256sum | cut -d ' ' -f 1; }`;

/**
 * For each secret that is there a line: its name, owner and mode, whether it is as it was written, whether that is
 * encrypted, and whether it has the value that is wanted. Standard input: names, each with a blank and that value in base64, or "-" and the name of a
 * generated secret, where it is known. Values are in no argument of a program.
 */
export const SECRETS_LOOK = `
cd ${SECRETS_DIR} 2>/dev/null || exit 0
${DIGEST}
while read -r name value; do
  file=values/$name
  [ -f "$file" ] && [ ! -L "$file" ] || continue
  is=$(digest < "$file" 2>/dev/null)
  stored= held=
  [ ! -f "digests/$name" ] || read -r stored held < "digests/$name"
  case $value in
    '') wanted= ;;
    -*) wanted=$(digest < "generated/\${value#-}") ;;
    *) wanted=$(printf '%s' "$value" | base64 -d | digest) ;;
  esac 2>/dev/null
  intact=no encrypted=no same=
  [ "$is" != "$stored" ] || intact=yes
  [ "$stored" = "$held" ] || encrypted=yes
  if [ "$value" ]; then same=no; [ "$wanted" != "$held" ] || same=yes; fi
  printf '%s\\t%s %s %s %s\\n' "$name" "$(stat -c '%u:%g %04a' "$file")" $intact $encrypted $same
done
`;

export const GENERATED_LOOK = `
cd ${SECRETS_DIR}/generated 2>/dev/null || exit 0
while read -r name; do [ ! -s "$name" ] || printf '%s\\t\\n' "$name"; done
`;

const BEGIN = `
set -eu
umask 077
mkdir -p ${SECRETS_DIR}
chmod 0700 ${SECRETS_DIR}
cd ${SECRETS_DIR}
trap 'rm -f new sealed' EXIT
rm -f new sealed
`;

/**
 * Writes the copy of a secret that a service has, at once. Standard input: its value. Arguments: its name, owner and mode,
 * the name of the generated secret that it is a copy of, if it is one, and whether to encrypt it.
 */
export const PLACE_SCRIPT = `${BEGIN}
${DIGEST}
mkdir -p "values/\${1%/*}" "digests/\${1%/*}"
if [ ! -s key ]; then
  head -c 64 /dev/urandom > new
  mv new key
fi
if [ "$4" ]; then cat "generated/$4"; else cat; fi > new
held=$(digest < new)
if [ "$5" ]; then
  systemd-creds encrypt --name="\${1##*/}" - - < new > sealed
  mv -T sealed new
fi
stored=$(digest < new)
chown "$2" new
chmod "$3" new
mv -T new "values/$1"
printf '%s %s\\n' "$stored" "$held" > new
mv -T new "digests/$1"
`;

/** Generates a secret of letters and digits, unless it is there. Arguments: its name and length. */
export const GENERATE_SCRIPT = `${BEGIN}
mkdir -p generated
[ ! -s "generated/$1" ] || exit 0
LC_ALL=C tr -dc 'A-Za-z0-9' < /dev/urandom | head -c "$2" > new
chmod 0400 new
mv -T new "generated/$1"
`;

/** Deletes secrets, and with the last one all that was made for them. Arguments: paths below the directory of secrets. */
export const DELETE_SCRIPT = `
cd ${SECRETS_DIR} 2>/dev/null || exit 0
rm -f -- "$@"
for path; do rmdir -- "\${path%/*}" 2>/dev/null; done
rmdir values digests generated 2>/dev/null
[ -e values ] || [ -e generated ] || rm -f key
rmdir ${SECRETS_DIR} 2>/dev/null
exit 0
`;
