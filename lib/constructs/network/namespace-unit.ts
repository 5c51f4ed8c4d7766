import type { SystemdUnit } from '../../directives/index';
import { directoryOf, linkName } from '../../network/index';
import { resolvPath } from './names-unit';
import { OVERWRITE } from './overwrite';

/** Names of a network and of its unit on the host. */
interface NetworkNames {
  readonly serviceName: string;
  readonly unitName: string;
}

/** Files that the unit of a namespace reads, below {@link directoryOf} the service. */
export const NAMESPACE_FILES = ['clean', 'link', 'inside', 'rules.nft', 'hosts'] as const;

/** Name of the unit that creates the namespace of a service. */
export function namespaceUnitName(service: string): string {
  return `${service}-network.service`;
}

/** The hosts(5) file that a service mounts. It stays the same file for as long as the namespace exists. */
export function mountedHosts(service: string): string {
  return `/run/${runtimeDirectory(service)}/hosts`;
}

function runtimeDirectory(service: string): string {
  return `bulkhead/network/${service}`;
}

/**
 * The unit that creates the network namespace of a service and its link to the host. It starts in any state that an
 * earlier start has left. A reload loads new rules and names, and touches neither the link nor the service.
 * @param routes Whether the namespace routes to a guest. Otherwise the namespace itself has the address.
 */
export function namespaceUnit(service: string, { serviceName, unitName }: NetworkNames, routes = false): SystemdUnit {
  const words = [linkName(service), `${directoryOf(service)}/hosts`, mountedHosts(service), directoryOf(service)];
  return {
    Unit: { Description: `Network of ${service}`, Wants: unitName, After: ['network.target', unitName] },
    Service: {
      Type: 'oneshot',
      RemainAfterExit: true,
      RuntimeDirectory: runtimeDirectory(service),
      ExecStart: ['sh', '-ec', routes ? START_ROUTING : START, ...words, resolvPath(serviceName)],
      ExecReload: ['sh', '-ec', RELOAD, ...words],
      ExecStopPost: { argv: ['ip', '-force', '-batch', `${directoryOf(service)}/clean`], prefix: '-' },
    },
  };
}

// Each program costs time when many services start at once, so there are few. The rules are loaded before the link is
// up. A published port on the host's loopback is routed to the link.
const start = (last: string) => `ip -force -batch "$3/clean" 2>/dev/null || :
ip -batch "$3/link"
echo 1 >"/proc/sys/net/ipv4/conf/$0/route_localnet"
echo 0 >"/proc/sys/net/ipv6/conf/$0/accept_ra"
cat "$1" >"$2"
# The network writes it, and may have failed.
[ -e "$4" ] || { mkdir -p "\${4%/*}"; : >"$4"; }
exec nsenter --net="/run/netns/$0" sh -ec '
  nft -f "$0/rules.nft"
  ip -batch "$0/inside"
  ${last}' "$3"`;

const START = start('echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start');
// A client of a guest that is still booting should try again soon, not after a minute.
const START_ROUTING = start(`echo 1 >/proc/sys/net/ipv4/tcp_syn_retries
  echo 1 >/proc/sys/net/ipv4/ip_forward
  echo 1 >/proc/sys/net/ipv6/conf/all/forwarding`);

const RELOAD = `${OVERWRITE}
exec nsenter --net="/run/netns/$0" nft -f "$3/rules.nft"`;
