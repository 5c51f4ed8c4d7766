import { RECORDS_DIR, RUN_DIR } from '../paths';
import { run } from '../run';
import { SAFE_PATHS } from '../safe-paths';
import type { Scope } from '../scope';

/** How many subordinate IDs a user gets: as many as an image may have users. */
const SUBORDINATE_IDS = 65_536;
/** The IDs that systemd gives out to machines by PrivateUsers=pick: the first, and the first beyond. */
const OF_MACHINES = [524_288, 1_879_048_192] as const;
/** From here on they are for files of other systems, and then no IDs. */
const BEYOND = 2_147_352_576;

/**
 * Makes a user and all it needs to run containers while nobody is logged in. What is there already stays. Arguments:
 * its name and its home. One at a time picks IDs.
 *
 * Its subordinate IDs begin at the same number for users and groups: the first gap that no range of subuid(5) or
 * subgid(5) reaches into, nor the range of systemd's machines.
 */
const PREPARE_SCRIPT = `
set -eu
user=$1 home=$2
umask 022
PATH=$PATH:/usr/sbin:/sbin
${SAFE_PATHS}
mkdir -p -m 0700 ${RUN_DIR}
exec 9>>${RUN_DIR}/accounts; flock 9
[ -d "$home" ] || (make=yes; enter "\${home%/*}" >/dev/null && [ "$alone" ]) ||
  { echo "others than root can change \${home%/*}, expected a directory that root alone can change" >&2; exit 1; }
if ! getent passwd "$user" >/dev/null; then
  if [ -e "$home" ]; then echo "$home is there already, and not its home" >&2; exit 1; fi
  useradd --system --user-group --home-dir "$home" --no-create-home --shell /usr/sbin/nologin \\
    --comment 'Services of Bulkhead' "$user"
fi
[ -d "$home" ] || install -d -m 0700 -o "$user" -g "$user" "$home"
least=$(sed -n 's/^SUB_UID_MIN[[:space:]]*//p' /etc/login.defs 2>/dev/null | tail -n 1)
touch /etc/subuid /etc/subgid
taken() {
  echo ${OF_MACHINES.join(' ')}
  awk -F: 'NF == 3 {printf "%.0f %.0f\\n", $2, $2 + $3}' /etc/subuid /etc/subgid
}
first=$(taken | sort -n |
  awk -v at="\${least:-100000}" '$1 >= at + ${SUBORDINATE_IDS} {exit} $2 > at {at = $2} END {printf "%.0f", at}')
range=$first-$((first + ${SUBORDINATE_IDS - 1}))
missing() { ! grep -q "^$user:" "$1"; }
if { missing /etc/subuid || missing /etc/subgid; } && [ "$first" -gt ${BEYOND - SUBORDINATE_IDS} ]; then
  echo 'no ${SUBORDINATE_IDS} IDs are left for it in /etc/subuid and /etc/subgid' >&2; exit 1
fi
! missing /etc/subuid || usermod --add-subuids "$range" "$user"
! missing /etc/subgid || usermod --add-subgids "$range" "$user"
exec 9<&-
loginctl enable-linger "$user"
systemctl start "user@$(id -u "$user").service"
`;

/** @throws ApplyError when the host refuses it */
export async function prepareUser(
  scope: Scope,
  name: string,
  home: string,
  service: string,
  signal?: AbortSignal,
): Promise<void> {
  const command = ['sh', '-c', PREPARE_SCRIPT, 'sh', name, home];
  await run(
    scope,
    command,
    { service, action: `make user ${name}`, at: ['objects', `user:${name}`] },
    signal ? { signal } : {},
  );
}

/**
 * Removes a user with all its processes and its home. It must not have any services or volumes left. Arguments: its
 * name, and the names of the services whose records do not count.
 */
const REMOVE_SCRIPT = `
set -eu
user=$1; shift
PATH=$PATH:/usr/sbin:/sbin
entry=$(getent passwd "$user") || exit 0
IFS=: read -r _ _ uid _ _ home _ <<END
$entry
END
for record in $(grep -lsF "\\"user\\":\\"$user\\"" ${RECORDS_DIR}/* || true); do
  leaving=
  for name; do [ "\${record##*/}" != "$name" ] || leaving=yes; done
  [ "$leaving" ] || { echo "service \${record##*/} still runs as that user: remove it first" >&2; exit 1; }
done
volumes=$(ls "$home/.local/share/containers/storage/volumes" 2>/dev/null || true)
if [ "$volumes" ]; then
  echo "its podman holds volumes that are retained, which that user may remove by podman volume rm:" $volumes >&2
  exit 1
fi
loginctl disable-linger "$user"
systemctl stop "user@$uid.service" "user-runtime-dir@$uid.service" "user-$uid.slice"
tries=100
while left=$(find /proc -maxdepth 1 -uid "$uid" -printf '%f ' 2>/dev/null); [ "$left" ] && [ $tries -gt 0 ]; do
  kill -KILL $left 2>/dev/null || true
  tries=$((tries - 1)); sleep 0.1
done
rm -rf --one-file-system -- "$home"
rm -f -- "/dev/shm/libpod_rootless_lock_$uid"
mkdir -p -m 0700 ${RUN_DIR}
flock ${RUN_DIR}/accounts userdel "$user"
`;

/**
 * Removes a user that Bulkhead made. Fine when it is gone already.
 * @param leaving names of the services that are being removed with it
 * @throws ApplyError when services or volumes of it are left
 */
export async function removeUser(
  scope: Scope,
  name: string,
  leaving: readonly string[],
  service: string,
): Promise<void> {
  const command = ['sh', '-c', REMOVE_SCRIPT, 'sh', name, ...leaving];
  await run(scope, command, { service, action: `remove user ${name}`, at: ['objects', `user:${name}`] });
}
