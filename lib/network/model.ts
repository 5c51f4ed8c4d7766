/** The data for the rules of a network on a host. Plain data. */
export interface NetworkModel {
  /** Name on the host. */
  readonly name: string;
  /** `10.70.64.0/18` */
  readonly subnet: string;
  /** `fd3c:52f0:9a1e:4b7d::/64` */
  readonly subnet6: string;
  readonly members: readonly Member[];
  /** Allowed connections from or to a member. Everything else is refused. */
  readonly rules: readonly Rule[];
}

/** A service on a network. */
export interface Member {
  /** Name on the host. */
  readonly name: string;
  /** Names by which other services reach it. */
  readonly names: readonly string[];
  readonly address: string;
  readonly address6: string;
  readonly published: readonly PublishedPort[];
}

/** An end of a connection: a service of this or another network, the host itself, or everything outside of the host. */
export type Party = Member | 'host' | 'internet';

/** Connections that may be opened. Replies need no rule. */
export interface Rule {
  readonly from: Party;
  readonly to: Party;
  /** Ports of `to`; undefined for every protocol and port, which only rules to `internet` have. */
  readonly ports?: PortRange;
}

export interface PortRange {
  readonly protocol: Protocol;
  /** As text, since it may be a token. */
  readonly first: string;
  /** The same as `first` for a single port. */
  readonly last: string;
}

export type Protocol = 'tcp' | 'udp';

/** A port of the host that leads to a service. */
export interface PublishedPort {
  readonly protocol: Protocol;
  /** Address of the host. Undefined for all addresses. */
  readonly ip?: string | undefined;
  readonly host: string;
  readonly container: string;
  /** Networks that may reach it, in CIDR notation. Undefined for all networks. */
  readonly from?: readonly string[] | undefined;
}

/**
 * The versions of IP, each with its key of an address and of a subnet, its name in nft(8), and its suffix in names of
 * sets.
 */
export const FAMILIES = [
  { address: 'address', subnet: 'subnet', ip: 'ip', version: 4 },
  { address: 'address6', subnet: 'subnet6', ip: 'ip6', version: 6 },
] as const;
export type Family = (typeof FAMILIES)[number];

export function isMember(party: Party): party is Member {
  return typeof party === 'object';
}
