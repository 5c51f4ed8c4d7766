import { FAMILIES, type Member } from './model';
import { GATEWAY, hardwareAddresses, linkGroup, linkName } from './names';

/** Files for the `-batch` of ip(8) that create and remove the namespace of a service and its link. */
export interface LinkBatches {
  /** Removes the namespace and the link, and their remains. */
  readonly clean: string;
  /** Creates the namespace, the link, and the host's end of the link. */
  readonly link: string;
  /** Creates the service's end of the link, inside the namespace. */
  readonly inside: string;
}

/**
 * The link is routed, not bridged: the service sees no frames of other services, and its address is a route to its link
 * only.
 */
export function linkBatches(network: string, member: Pick<Member, 'name' | 'address' | 'address6'>): LinkBatches {
  const link = linkName(member.name);
  const hardware = hardwareAddresses(link);
  const ends = `address ${hardware.host} type veth peer name eth0 address ${hardware.inside} netns ${link}`;
  return {
    clean: lines(`link delete ${link}`, `netns delete ${link}`),
    link: lines(
      `netns add ${link}`,
      `link add ${link} group ${linkGroup(network)} ${ends}`,
      `address add ${GATEWAY.address}/32 dev ${link}`,
      `address add ${GATEWAY.address6}/64 dev ${link} nodad`,
      `link set ${link} up`,
      `route add ${member.address}/32 dev ${link}`,
      `route add ${member.address6}/128 dev ${link}`,
    ),
    inside: lines(
      'link set lo up',
      `address add ${member.address}/32 dev eth0`,
      `address add ${member.address6}/128 dev eth0 nodad`,
      'link set eth0 up',
      `route add ${GATEWAY.address} dev eth0 scope link`,
      ...FAMILIES.map(({ address }) => `route add default via ${GATEWAY[address]} dev eth0 src ${member[address]}`),
    ),
  };
}

export function lines(...texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
