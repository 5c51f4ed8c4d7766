import { GUEST_GATEWAY } from '../../network/index';
import type { GuestAddresses } from './guest-words';

/**
 * What systemd-networkd(8) of a guest gets as the credential `network.network.10-bulkhead`: the address and the routes of
 * the one link that a virtual machine has.
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
