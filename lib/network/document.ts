import { isMember, type Member, type NetworkModel, type Party, type PublishedPort } from './model';
import { mergePorts, showPorts } from './port-ranges';

/** A network as a document: for `bulkhead status --network --json`, and for a file on the host. */
export interface NetworkDocument {
  readonly name: string;
  readonly subnet: string;
  readonly subnet6: string;
  readonly services: readonly Member[];
  /** Connections that may be opened. */
  readonly allowed: readonly AllowedDocument[];
}

export interface AllowedDocument {
  readonly from: PartyDocument;
  readonly to: PartyDocument;
  /** `tcp 5432` or `udp 8000-8010`. Empty for every protocol and port. */
  readonly ports: readonly string[];
}

/** A service by its name, the host itself, or everything outside of the host. */
export type PartyDocument = { readonly service: string } | 'host' | 'internet';

export function networkDocument({ name, subnet, subnet6, members, rules }: NetworkModel): NetworkDocument {
  const pairs = new Map<string, { from: Party; to: Party; ranges: NonNullable<(typeof rules)[number]['ports']>[] }>();
  for (const { from, to, ports } of rules) {
    const key = JSON.stringify([party(from), party(to)]);
    const pair = pairs.get(key) ?? { from, to, ranges: [] };
    pairs.set(key, pair);
    if (ports) pair.ranges.push(ports);
  }
  return {
    name,
    subnet,
    subnet6,
    services: [...members].sort((a, b) => (a.name < b.name ? -1 : 1)).map(service),
    allowed: [...pairs]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { from, to, ranges }]) => ({
        from: party(from),
        to: party(to),
        ports: mergePorts(ranges).map(showPorts),
      })),
  };
}

function service({ name, names, address, address6, published }: Member): Member {
  return { name, names, address, address6, published };
}

function party(party: Party): PartyDocument {
  return isMember(party) ? { service: party.name } : party;
}

/** A published port in readable form: `tcp 127.0.0.1:8080 from 10.0.0.0/8`. */
export function showPublished({ protocol, ip, host, from }: PublishedPort): string {
  const at = ip === undefined ? '' : `${ip.includes(':') ? `[${ip}]` : ip}:`;
  return `${protocol} ${at}${host}${from ? ` from ${from.join(', ')}` : ''}`;
}
