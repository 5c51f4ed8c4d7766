import { type LinkBatches, lines, linkBatches } from './link-batches';
import type { Member } from './model';
import { GATEWAY, GUEST_GATEWAY, GUEST_TAP, hardwareAddresses, linkName } from './names';

/**
 * Files for the `-batch` of ip(8) for a virtual machine. The guest has the address, and the namespace of the service
 * routes to it. The program of the machine sees only this link of the host, and so does an attacker who breaks out of
 * the guest.
 */
export function guestBatches(
  network: string,
  member: Pick<Member, 'name' | 'address' | 'address6'>,
): Omit<LinkBatches, 'clean'> {
  const link = linkName(member.name);
  const hardware = hardwareAddresses(link);
  const { address, address6 } = member;
  const neighbour = (to: string, at: string, device: string) =>
    `neighbor replace ${to} lladdr ${at} dev ${device} nud permanent`;
  return {
    // The namespace itself does not have the address, so it must answer for the guest.
    link:
      linkBatches(network, member).link +
      lines(neighbour(address, hardware.inside, link), neighbour(address6, hardware.inside, link)),
    inside: lines(
      'link set lo up',
      'link set eth0 up',
      neighbour(GATEWAY.address, hardware.host, 'eth0'),
      neighbour(GATEWAY.address6, hardware.host, 'eth0'),
      `route add ${GATEWAY.address} dev eth0 scope link`,
      `route add default via ${GATEWAY.address} dev eth0`,
      `route add default via ${GATEWAY.address6} dev eth0`,
      `tuntap add dev ${GUEST_TAP} mode tap`,
      `link set ${GUEST_TAP} up`,
      `address add ${GUEST_GATEWAY.address}/32 dev ${GUEST_TAP}`,
      `address add ${GUEST_GATEWAY.address6}/64 dev ${GUEST_TAP} nodad`,
      `route add ${address}/32 dev ${GUEST_TAP}`,
      `route add ${address6}/128 dev ${GUEST_TAP}`,
      neighbour(address, hardware.guest, GUEST_TAP),
      neighbour(address6, hardware.guest, GUEST_TAP),
    ),
  };
}
