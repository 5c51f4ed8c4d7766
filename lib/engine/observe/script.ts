import { KINDS, type KindRow } from '../../manifest';
import { quote } from '../../transport/quote';
import { LISTENERS_LOOK } from '../foreseen/listeners';
import { NEEDS_LOOK } from '../foreseen/needs';
import { INSTANCES_DIR } from '../instance';
import { ALL_KINDS } from '../kinds';
import { NAME_LOOKS } from '../kinds/names';
import { INTERFACES_LOOK } from '../parts/networkd';
import { LOAD_PATH, ownLoadPath, SHARED_LOAD_PATH } from '../parts/override';
import { GENERATIONS_DIR, RECORDS_DIR } from '../paths';
import { AS_USER } from '../scope';
import { FACTS_LOOK } from './facts';
import { ASSETS_LOOK, FILES_LOOK, LARGEST_KIB, USER_DEADLINE_SEC } from './files';
import { UNITS_LOOK } from './units';

/** Most bytes that are read of each section from the systemd, programs and files of a user. */
export const USER_LIMIT_BYTES = 8 * 1024 * 1024;

/** Lists files and links in directories: path and link target, each with a zero byte after it. Arguments: directories. */
const OVERRIDES_LOOK = `find "$@" -mindepth 1 -maxdepth 2 ! -type d -printf '%p\\0%l\\0' 2>/dev/null; exit 0`;

/** Runs a command as a user, with a limit on its output. Arguments: uid, gid, and the command. */
const AS_USER_BOUNDED = `uid=$1 gid=$2; shift 2; ${AS_USER} "$@" | head -c ${USER_LIMIT_BYTES}`;

/** Prints the names for which an account exists. Standard input: names. */
const accounts = (database: 'passwd' | 'group') => `xargs -r -d '\\n' getent ${database} -- | cut -d : -f 1; exit 0`;

/** Prints the instance of each service: its name, a tab and the instance. Standard input: paths of records. */
const INSTANCES_LOOK = `
while IFS= read -r path; do
  name=\${path##*/}
  [ ! -f "${INSTANCES_DIR}/$name" ] || printf '%s\\t%s\\n' "$name" "$(head -c 100 "${INSTANCES_DIR}/$name")"
done
exit 0`;

/** Prints the versions of services that are kept: names and numbers, separated by a slash. */
const GENERATIONS_LOOK = `cd ${GENERATIONS_DIR} 2>/dev/null || exit 0; printf '%s\\n' */*`;

/** Kinds of objects that services share. */
const SHARED = ALL_KINDS.flatMap(({ name }) => {
  const { shared }: KindRow = KINDS[name];
  return shared ? [name] : [];
});

const quoted = (text: string) => quote([text]);

/** Lines that look at objects of each kind and at names, if the input asks about any. */
const objectsOf = (scope: 'host' | 'user') =>
  [
    ...ALL_KINDS.map(({ name, look }) => ({ name, look, scope: KINDS[name].scope })),
    ...NAME_LOOKS.map(({ claim, look, scope }) => ({ name: claim, look, scope })),
  ]
    .filter((of) => of.scope === scope)
    .map(({ name, look }) => `[ ! -s "$asked/${name}$of" ] || look ${name} ${quoted(look)} < "$asked/${name}$of" &`)
    .join('\n');

/**
 * Prints everything that the engine needs to know, in one run for any number of services. It changes nothing.
 *
 * Standard input: lines of a list and a name. `services` are the services whose records are included. `files`, `assets`,
 * `units`, the kinds of objects, `users` and `requires` add names to the names in the records. `needs` and `ports` are not
 * in records. Each user has separate lists: `units@shop`. Arguments: `--all` includes the records of all services,
 * `--facts` prints facts about the host, `--details` prints details for people, `--tags` asks registries about tags.
 *
 * All looks run side by side, since some programs take a tenth of a second. The output of each look is a section: first
 * come lines of a length and a section's name, then an empty line, then the sections one after the other. A look at parts
 * of a user runs as that user, and its section counts only for that user. If a look takes too long, its section is left
 * out, and the section `late@USER` contains the limit.
 */
const OBSERVE_SCRIPT = `
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
umask 077
cd /
all= facts= details= tags=
for option; do
  case $option in --all) all=yes ;; --facts) facts=yes ;; --details) details=yes ;; --tags) tags=yes ;; esac
done
export tags
dir=$(mktemp -d /run/bulkhead-look.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT PIPE TERM
asked=$dir/asked out=$dir/out
mkdir "$asked" "$out" "$dir/late"

cat > "$dir/input"
if [ "$all" ]; then find ${RECORDS_DIR} -mindepth 1 -maxdepth 1 -print0 2>/dev/null
else
  sed -n 's|^services |${RECORDS_DIR}/|p' "$dir/input" | tr '\\n' '\\0'
  # Those of other services that own what is asked for.
  sed -n '/^\\(${SHARED.join('\\|')}\\)[@ ]/p; /^units/p; s/^\\(files\\|assets\\)[^ ]* \\(.*\\)/&\\nfiles \\2\\nassets \\2/p' "$dir/input" > "$dir/wanted"
  find ${RECORDS_DIR} -mindepth 1 -maxdepth 1 -type f ! -size +${LARGEST_KIB}k -print0 2>/dev/null |
    xargs -0 -r grep -lxZF -f "$dir/wanted" -- 2>/dev/null
fi | sort -zu > "$dir/records"
xargs -0 -r sh -c 'exec find "$@" -maxdepth 0 -type f ! -size +${LARGEST_KIB}k -print0' sh < "$dir/records" 2>/dev/null |
  xargs -0 -r cat -- | sed '/^{/d; p; s/^units/recorded/' | sort -u - "$dir/input" |
  awk -v dir="$asked" '{
    if ($1 != list) { if (list) close(file); list = $1; file = dir "/" list }
    print substr($0, length(list) + 2) > file
  }'
touch "$asked/files" "$asked/requires"
read -r load _ < /proc/loadavg
deadline=$((${USER_DEADLINE_SEC.least} * (1 + \${load%.*} / $(nproc))))
[ $deadline -le ${USER_DEADLINE_SEC.most} ] || deadline=${USER_DEADLINE_SEC.most}

# Keeps what a look prints as a section. Arguments: its name, the text of the look, and its arguments.
look() {
  section=$1$of text=$2; shift 2
  if [ -z "$user" ]; then sh -c "$text" sh "$@" > "$out/$section"; return; fi
  if timeout -k 1 $deadline sh -c ${quoted(AS_USER_BOUNDED)} sh "$uid" "$gid" sh -c "$text" sh "$@" \\
    > "$dir/late/$section" 2>/dev/null
  then mv "$dir/late/$section" "$out/$section"; else echo $deadline > "$out/late$of"; fi
}
names_of_units() { sed 's/^/asked /' "$asked/units$of"; cat "$asked/recorded$of" 2>/dev/null | sed 's/^/recorded /'; }
look_at_scope() {
  [ ! -s "$asked/units$of" ] || names_of_units | look units ${quoted(UNITS_LOOK)} "$manager" "$details" &
  look overrides ${quoted(OVERRIDES_LOOK)} "$@" < /dev/null &
  [ ! -s "$asked/assets$of" ] || look assets ${quoted(ASSETS_LOOK)} < "$asked/assets$of" &
  ${objectsOf('user')}
}

user= of= manager=--system
[ -z "$facts" ] || look facts ${quoted(FACTS_LOOK)} "$details" < "$asked/requires" &
look_at_scope ${LOAD_PATH.join(' ')}
look files ${quoted(FILES_LOOK)} < "$asked/files" &
! grep -q '^/etc/systemd/network/' "$asked/files" || look interfaces ${quoted(INTERFACES_LOOK)} < /dev/null &
[ ! -s "$asked/needs" ] || look needs ${quoted(NEEDS_LOOK)} < "$asked/needs" &
[ ! -s "$asked/ports" ] || look listeners ${quoted(LISTENERS_LOOK)} < "$asked/ports" &
[ ! -s "$asked/owners" ] || look owners ${quoted(accounts('passwd'))} < "$asked/owners" &
[ ! -s "$asked/groups" ] || look groups ${quoted(accounts('group'))} < "$asked/groups" &
${objectsOf('host')}
[ ! -s "$asked/users" ] || look overrides-of-users ${quoted(OVERRIDES_LOOK)} ${SHARED_LOAD_PATH.join(' ')} < /dev/null &

n=0
[ ! -s "$asked/users" ] || while IFS= read -r user; do
  entry=$(getent passwd "$user") || continue
  IFS=: read -r _ _ uid gid _ home _ <<END
$entry
END
  of=@$user manager=--user
  running=
  systemctl is-active --quiet "user@$uid.service" && running=yes
  printf 'uid %s\\nhome %s\\nrunning %s\\n' "$uid" "$home" "$running" > "$out/user$of"
  [ ! -s "$asked/files$of" ] || look files ${quoted(FILES_LOOK)} < "$asked/files$of" &
  [ -z "$running" ] || look_at_scope ${ownLoadPath('"$home"', '"$uid"').join(' ')}
  n=$((n + 1)); [ $((n % 8)) -ne 0 ] || wait
done < "$asked/users"
wait
# Records last, since an apply writes them first: what is there then is not taken for somebody else's.
user= of=
[ -z "$all" ] || find ${RECORDS_DIR} -mindepth 1 -maxdepth 1 -print0 2>/dev/null > "$dir/records"
tr '\\0' '\\n' < "$dir/records" > "$dir/listed"
look records ${quoted(FILES_LOOK)} < "$dir/listed"
look instances ${quoted(INSTANCES_LOOK)} < "$dir/listed"
look generations ${quoted(GENERATIONS_LOOK)} < /dev/null
cd "$out" && stat -c '%s %n' -- * && echo && cat -- *
`;

/**
 * Runs the observing script, which comes first on standard input, after a line with its length in bytes. As an argument,
 * the script would be longer than the line that a login shell accepts, since nested quotes multiply.
 */
export const OBSERVE = `
read -r length
look=$(dd bs=65536 count="$length" iflag=fullblock,count_bytes status=none)
eval "$look"`;

/** The script as {@link OBSERVE} reads it. */
export const OBSERVE_INPUT = `${Buffer.byteLength(OBSERVE_SCRIPT)}\n${OBSERVE_SCRIPT}`;
