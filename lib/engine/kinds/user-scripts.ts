import { RECORDS_DIR, RUN_DIR } from '../paths';
import { run } from '../run';
import { SAFE_PATHS } from '../safe-paths';
import type { Scope } from '../scope';

/** Number of subordinate IDs of a user. An image may use all of them. */
const SUBORDINATE_IDS = 65_536;
/** IDs that systemd assigns to machines with PrivateUsers=pick: the first one, and the first one after the last. */
const OF_MACHINES = [524_288, 1_879_048_192] as const;
/** From here on, IDs are reserved for foreign file systems, and then invalid. */
const BEYOND = 2_147_352_576;

/**
 * Creates a user, with everything that it needs to run containers without a login. Existing parts are kept. Arguments:
 * its name and its home. Only one run at a time chooses IDs.
 *
 * The subordinate IDs of users and groups begin at the same number: the first gap that no range of subuid(5) or
 * subgid(5), nor the range of systemd's machines, reaches into.
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
  { echo "users other than root can change \${home%/*}, expected a directory that only root can change" >&2; exit 1; }
if ! getent passwd "$user" >/dev/null; then
  if [ -e "$home" ]; then echo "$home already exists, and is not its home" >&2; exit 1; fi
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
    { service, action: `create user ${name}`, at: ['objects', `user:${name}`] },
    signal ? { signal } : {},
  );
}

/**
 * Removes a user with all its processes and its home. It must not have services or volumes. Arguments: its name, and
 * the names of services whose records are ignored.
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
  echo "its podman has retained volumes, to remove as that user with podman volume rm:" $volumes >&2
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
 * Removes a user that Bulkhead created. It may be missing already.
 * @param leaving names of the services that are removed with it
 * @throws ApplyError when it still has services or volumes
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
