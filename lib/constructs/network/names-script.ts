import { HOST_LOCK } from './host-lock';
import { OVERWRITE } from './overwrite';

/**
 * Names for services and for the host, and name servers for services: `sh -e SCRIPT start NAME`. `changed` also mounts
 * files again that services have lost. `stop` removes the lines in the host's own hosts file. The script is the same
 * for every network, so that an administrator has to read it only once.
 */
export const NAMES_SCRIPT = `# Written by bulkhead. Names and name servers of a network.
verb=$1 name=$2
directory=/etc/bulkhead/network/$name
${HOST_LOCK}

overwrite() {
  ${OVERWRITE.replaceAll('\n', '\n  ')}
}

# The name servers of the host, for services that do not share its loopback. Where systemd-resolved answers there, it
# lists the servers that it asks itself.
write_servers() {
  source=/etc/resolv.conf uplink=/run/systemd/resolve/resolv.conf target=/run/bulkhead/network/$name/resolv.conf
  ! [ -e "$uplink" ] || ! grep -q '^nameserver 127\\.0\\.0\\.5[34]$' "$source" || source=$uplink
  grep -vE '^[[:blank:]]*nameserver[[:blank:]]+(127\\.|::1[[:blank:]]*$)' "$source" >"$target.new" 2>/dev/null || :
  [ -e "$target" ] || : >"$target"
  overwrite "$target.new" "$target"
  rm "$target.new"
}

# Each line is marked as ours, so that no other one is touched.
write_host_names() {
  hosts=$(readlink -f /etc/hosts)
  new=$hosts.bulkhead-$name
  [ -e "$hosts" ] || return 0
  cp -a "$hosts" "$new"
  {
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in
        *" # bulkhead $name") ;;
        *) printf '%s\\n' "$line" ;;
      esac
    done <"$hosts"
    [ ! -e "$1" ] || cat "$1"
  } >"$new"
  # A mounted file can not be replaced.
  cmp -s "$new" "$hosts" || mv "$new" "$hosts" 2>/dev/null || overwrite "$new" "$hosts"
  rm -f "$new"
}

# Who replaces a file of the host takes from services what they have mounted over it. Nothing that a service sees is run.
mount_again() {
  while read -r unit source target; do
    pid=$(systemctl show -P MainPID "$unit")
    [ "$pid" != 0 ] || continue
    grep -qF "\${source#/run} " "/proc/$pid/mountinfo" ||
      systemctl bind --read-only "$unit" "$source" "$target" || :
  done <"$directory/mounts"
}

if [ "$verb" = stop ]; then
  write_host_names ''
else
  write_servers
  write_host_names "$directory/host-names"
  [ "$verb" = start ] || mount_again
fi
`;
