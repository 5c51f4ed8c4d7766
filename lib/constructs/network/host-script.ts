import { HOST_LOCK } from './host-lock';

/**
 * What a network changes on its host as a whole, and undoes when it is removed: `sh -e SCRIPT start NAME SUBNET
 * SUBNET6`, and the same with `stop`. The script is the same for every network, so that an administrator has to read it
 * only once.
 */
export const HOST_SCRIPT = `# Written by bulkhead. What networks change of this host as a whole, and take back.
verb=$1 name=$2 subnet=$3 subnet6=$4
directory=/etc/bulkhead/network/$name
zone=/etc/firewalld/zones/bulkhead-$(echo "$name" | sha256sum | cut -c 1-8).xml
kept=/run/bulkhead/forwarding
${HOST_LOCK}
mkdir -p /run/bulkhead/networks

# The kernel forwards, and goes on taking routes from router advertisements. The last network that leaves puts back what
# the first one found.
start_forwarding() {
  cd /proc/sys/net
  if ! [ -e "$kept" ]; then
    grep -H . ipv4/ip_forward ipv6/conf/all/forwarding ipv6/conf/*/accept_ra >"$kept.new"
    mv "$kept.new" "$kept"
  fi
  : >"/run/bulkhead/networks/$name"
  for file in ipv6/conf/*/accept_ra; do
    [ "$(cat "$file")" != 1 ] || echo 2 >"$file"
  done
  echo 1 >ipv4/ip_forward
  echo 1 >ipv6/conf/all/forwarding
}

stop_forwarding() {
  rm -f "/run/bulkhead/networks/$name"
  rmdir /run/bulkhead/networks 2>/dev/null || return 0
  # A bridge belongs to somebody else whose traffic is forwarded.
  [ -z "$(ip -o link show type bridge)" ] || return 0
  [ -e "$kept" ] || return 0
  cd /proc/sys/net
  while IFS=: read -r file value; do
    [ ! -e "$file" ] || echo "$value" >"$file"
  done <"$kept"
  rm "$kept"
  # What sysctl.d(5) says meanwhile.
  /usr/lib/systemd/systemd-sysctl --prefix=/net/ipv4/ip_forward --prefix=/net/ipv6/conf
}

# firewalld refuses to forward for addresses that it does not know. Our rules say what passes.
start_firewalld() {
  [ -d "\${zone%/*}" ] || return 0
  cmp -s "$directory/firewalld.xml" "$zone" && return 0
  install -m 644 "$directory/firewalld.xml" "$zone"
  systemctl try-reload-or-restart firewalld.service || :
}

stop_firewalld() {
  [ -e "$zone" ] || return 0
  rm "$zone"
  systemctl try-reload-or-restart firewalld.service || :
}

# docker asks this chain first, which it leaves to others. It is there only where docker has run.
docker_rules() {
  nft -a list chain "$1" filter DOCKER-USER 2>/dev/null | sed -n "s/.* comment \\"bulkhead-$name\\" # handle //p"
}

start_docker() {
  nft list chain "$1" filter DOCKER-USER >/dev/null 2>&1 || return 0
  [ -z "$(docker_rules "$1")" ] || return 0
  for end in saddr daddr; do
    nft insert rule "$1" filter DOCKER-USER "$1" "$end" "$2" counter accept comment "\\"bulkhead-$name\\""
  done
}

stop_docker() {
  for handle in $(docker_rules "$1"); do
    nft delete rule "$1" filter DOCKER-USER handle "$handle"
  done
}

"\${verb}_forwarding"
"\${verb}_firewalld"
"\${verb}_docker" ip "$subnet"
"\${verb}_docker" ip6 "$subnet6"
`;
