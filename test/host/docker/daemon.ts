import { lab } from '../host';

const TABLES = '/var/lib/test-docker-tables';

/**
 * Starts docker, as it is for services that find it running. The host forwards packets before: else docker turns that on
 * itself, and then drops what the bridges of others forward, such as podman's.
 */
export async function startDocker(): Promise<void> {
  await lab.sh(
    `[ -e "$1" ] || { nft list tables; cat /proc/sys/net/ipv4/ip_forward; } > "$1"
    echo 1 > /proc/sys/net/ipv4/ip_forward
    systemctl reset-failed docker.service docker.socket 2>/dev/null || true
    systemctl start docker.service`,
    TABLES,
  );
}

/** Stops docker, and takes back what it has changed of the practice host's network. */
export async function stopDocker(): Promise<void> {
  await lab.sh(
    `systemctl stop docker.service docker.socket
    ip link delete docker0 2>/dev/null || true
    [ -e "$1" ] || exit 0
    nft list tables | grep -vxF -f "$1" | grep -E '^table ip6? (filter|nat|raw|mangle)$' | while read -r table; do
      nft delete $table
    done
    tail -n 1 "$1" > /proc/sys/net/ipv4/ip_forward
    rm "$1"`,
    TABLES,
  );
}
