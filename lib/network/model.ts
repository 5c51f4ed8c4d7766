/** A network of a host: all that its rules are made of. Plain data. */
export interface NetworkModel {
  /** Name on the host. */
  readonly name: string;
  /** `10.70.64.0/18` */
  readonly subnet: string;
  /** `fd3c:52f0:9a1e:4b7d::/64` */
  readonly subnet6: string;
  readonly members: readonly Member[];
  /** What is allowed from or to one of the members. Everything else is refused. */
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

/** An end of a connection: a service of this network or of another one, the host itself, or whatever is beyond it. */
export type Party = Member | 'host' | 'internet';

/** Connections that may be opened. Their answers pass without a rule. */
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
  /** Address of the host; undefined for all of them. */
  readonly ip?: string | undefined;
  readonly host: string;
  readonly container: string;
  /** Networks in CIDR notation from which it is reached; undefined for everywhere. */
  readonly from?: readonly string[] | undefined;
}

/** The versions of IP: the key of an address or subnet of each, its name in nft(8), and the end of names of sets. */
export const FAMILIES = [
  { address: 'address', subnet: 'subnet', ip: 'ip', version: 4 },
  { address: 'address6', subnet: 'subnet6', ip: 'ip6', version: 6 },
] as const;
export type Family = (typeof FAMILIES)[number];

export function isMember(party: Party): party is Member {
  return typeof party === 'object';
}
