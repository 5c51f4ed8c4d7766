import type { SystemdUnit } from '../../directives/index';
import { directoryOf, linkName } from '../../network/index';
import { resolvPath } from './names-unit';
import { OVERWRITE } from './overwrite';

/** Names on the host of a network, and of its unit. */
interface NetworkNames {
  readonly serviceName: string;
  readonly unitName: string;
}

/** What the unit of a namespace reads, below {@link directoryOf} the service. */
export const NAMESPACE_FILES = ['clean', 'link', 'inside', 'rules.nft', 'hosts'] as const;

/** Name of the unit that makes a service's namespace. */
export function namespaceUnitName(service: string): string {
  return `${service}-network.service`;
}

/** The hosts(5) of a service as it is mounted: one and the same file for as long as the namespace is there. */
export function mountedHosts(service: string): string {
  return `/run/${runtimeDirectory(service)}/hosts`;
}

function runtimeDirectory(service: string): string {
  return `bulkhead/network/${service}`;
}

/**
 * The unit that makes the network namespace of a service, and its link to the host. It can be started whatever an earlier
 * start has left. A reload takes over other rules and names, and touches neither the link nor the service.
 * @param routes Whether the namespace routes to a guest, instead of having the address itself.
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

// Few programs, since each of them costs time when many services start at once. The rules are there before the link is
// up. A published port of the host's loopback is routed to the link.
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
// Who asks a guest that still boots is to ask again soon, not after a minute.
const START_ROUTING = start(`echo 1 >/proc/sys/net/ipv4/tcp_syn_retries
  echo 1 >/proc/sys/net/ipv4/ip_forward
  echo 1 >/proc/sys/net/ipv6/conf/all/forwarding`);

const RELOAD = `${OVERWRITE}
exec nsenter --net="/run/netns/$0" nft -f "$3/rules.nft"`;
