import { BlockList, isIP, SocketAddress } from 'node:net';

export type Family = 'ipv4' | 'ipv6';

/** Family of an IP address. Undefined for any other text. */
export function familyOf(ip: string): Family | undefined {
  const version = isIP(ip);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}

/** An address in canonical form: `::1` for `0:0:0:0:0:0:0:1`. */
export function canonical(ip: string): string {
  const [address = '', zone] = ip.split('%');
  const family = familyOf(address);
  if (family === undefined) return ip;
  const usual = new SocketAddress({ address, family }).address;
  return zone === undefined ? usual : `${usual}%${zone}`;
}

/** Addresses with a common prefix. A single address is a network too. */
export interface Network {
  readonly family: Family;
  /** One of its addresses. */
  readonly address: string;
  readonly bits: number;
}

/** Parses `10.89.0.0/24`, or a single address. Undefined for any other text. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const most = family === 'ipv4' ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  return bits <= most ? { family, address, bits } : undefined;
}

/** Whether two networks have a common address. One of them then contains the other. */
export function overlap(a: Network, b: Network): boolean {
  if (a.family !== b.family) return false;
  const [larger, smaller] = a.bits <= b.bits ? [a, b] : [b, a];
  return contains(larger, smaller.address);
}

/** Whether an address is part of a network. */
export function contains({ family, address, bits }: Network, candidate: string): boolean {
  if (familyOf(candidate) !== family) return false;
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list.check(candidate, family);
}
