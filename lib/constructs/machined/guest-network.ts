import { GUEST_GATEWAY } from '../../network/index';
import type { GuestAddresses } from './guest-words';

/**
 * The credential `network.network.10-bulkhead` for systemd-networkd(8) in a guest: the address and the routes of a
 * virtual machine's only link.
 * @see systemd.network(5), systemd.system-credentials(7)
 */
export function guestNetwork({ address, address6 }: GuestAddresses): string {
  return `[Match]
Type=ether

[Network]
Address=${address}/32
Address=${address6}/128
IPv6AcceptRA=no
LinkLocalAddressing=ipv6

[Route]
Destination=${GUEST_GATEWAY.address}/32
Scope=link

[Route]
Gateway=${GUEST_GATEWAY.address}
GatewayOnLink=yes

[Route]
Gateway=${GUEST_GATEWAY.address6}
`;
}
