import { SECRETS_DIR } from '../../manifest';

/** Digests standard input together with a random key of the host. Without the key, nobody can test a guessed value. */
const DIGEST = `digest() { { cat key && cat; } | sha256sum | cut -d ' ' -f 1; }`;

/**
 * Prints a line for each secret on the host: its name, owner and mode, whether the file is unchanged since Bulkhead wrote
 * it, whether it is encrypted, and whether it has the wanted value. Standard input: a name per line. If the wanted value
 * is known, a blank and the value in base64 follow, or "-" and the name of a generated secret. No program gets a value as
 * an argument.
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
  case $name in *@*) ;; *) [ "$stored" = "$held" ] || encrypted=yes ;; esac
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
trap 'rm -f new sealed line' EXIT
rm -f new sealed line
`;

/**
 * Writes the secret of one service, atomically. Standard input: the value. Arguments: name, owner, mode, the name of the
 * generated secret to copy (empty: none), and a word if the file is to be encrypted (empty: it is not). A name that ends
 * with "@" and a variable gets a file for EnvironmentFile=, in the quotes of systemd.exec(5). With ".env" after the
 * variable, the file is for podman-run(1) --env-file, which knows no quotes. The value has one line.
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
variable=\${1#*@}
case $1 in
  *@*.env)
    { printf '%s=' "\${variable%.env}"; cat new; echo; } > line
    mv -T line new
    ;;
  *@*)
    { printf '%s="' "$variable"; LC_ALL=C sed 's/[\\"\`$]/\\\\&/g' new; echo '"'; } > line
    mv -T line new
    ;;
esac
stored=$(digest < new)
chown "$2" new
chmod "$3" new
mv -T new "values/$1"
printf '%s %s\\n' "$stored" "$held" > new
mv -T new "digests/$1"
`;

/** Generates a secret of letters and digits, unless it exists. Arguments: name and length. */
export const GENERATE_SCRIPT = `${BEGIN}
mkdir -p generated
[ ! -s "generated/$1" ] || exit 0
LC_ALL=C tr -dc 'A-Za-z0-9' < /dev/urandom | head -c "$2" > new
chmod 0400 new
mv -T new "generated/$1"
`;

/** Copies a generated secret, unless the copy exists. Arguments: the two names. */
export const COPY_SCRIPT = `${BEGIN}
[ -s "generated/$1" ] && [ ! -s "generated/$2" ] || exit 0
cp -p -- "generated/$1" new
mv -T new "generated/$2"
`;

/** Deletes secrets. The last one takes the key and the directories along. Arguments: paths below that directory. */
export const DELETE_SCRIPT = `
cd ${SECRETS_DIR} 2>/dev/null || exit 0
rm -f -- "$@"
for path; do rmdir -- "\${path%/*}" 2>/dev/null; done
rmdir values digests generated 2>/dev/null
[ -e values ] || [ -e generated ] || rm -f key new sealed line
rmdir ${SECRETS_DIR} 2>/dev/null
exit 0
`;
