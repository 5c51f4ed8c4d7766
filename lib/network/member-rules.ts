import { FAMILIES, type Family, isMember, type Member, type NetworkModel, type PortRange } from './model';
import { mergePorts, onePort, portsElement } from './port-ranges';

/** The data for the rules of one service. */
export type RulesOfNetwork = Pick<NetworkModel, 'subnet' | 'subnet6' | 'rules'>;

/**
 * The rules of a service in its own namespace, for `nft -f`. They repeat the host's rules, so that refused traffic
 * stays refused if somebody flushes the host's rules. The service itself can't change them.
 */
export function memberRules(network: RulesOfNetwork, member: Member): string {
  const chain = (name: 'input' | 'output', loopback: string, rules: (family: Family) => readonly string[]) =>
    ruleChain(name, name, [`${loopback} accept`], rules);
  return ruleTable(
    chain('input', 'iif "lo"', (family) => incoming(network, member, family)),
    chain('output', 'oif "lo"', (family) => outgoing(network, member, family)),
  );
}

/** The table of a namespace. */
export function ruleTable(...chains: readonly string[]): string {
  return `table inet bulkhead
delete table inet bulkhead
table inet bulkhead {
	chain refuse {
		meta l4proto tcp reject with tcp reset
		reject with icmpx admin-prohibited
	}${chains.join('')}
}
`;
}

/** A chain that refuses everything that its rules do not allow. */
export function ruleChain(
  name: string,
  hook: 'input' | 'output' | 'forward',
  first: readonly string[],
  rules: (family: Family) => readonly string[],
): string {
  const lines = [
    ...first,
    'ct state established,related accept',
    'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
    ...FAMILIES.flatMap(rules).filter((rule) => rule !== ''),
    'jump refuse',
  ];
  return `
	chain ${name} {
		type filter hook ${hook} priority filter; policy drop;
${lines.map((line) => `\t\t${line}\n`).join('')}	}`;
}

/**
 * Parties that may open connections to a service. Traffic from outside of the network comes through the host, whose
 * rules check it.
 */
export function incoming(
  { rules, ...network }: RulesOfNetwork,
  member: Member,
  { ip, address, subnet, version }: Family,
): string[] {
  const mine = rules.filter(({ to }) => to === member);
  const neighbours = mine.flatMap(({ from, ports }) =>
    isMember(from) && ports ? [`${from[address]} . ${portsElement(ports)}`] : [],
  );
  const byHost = mine.flatMap(({ from, ports }) => (from === 'host' && ports ? [ports] : []));
  const published = member.published.map(({ protocol, container }) => onePort(protocol, container));
  return [
    accept(`${ip} saddr . meta l4proto . th dport`, neighbours),
    `${ip} saddr ${network[subnet]} jump refuse`,
    accept(`meta nfproto ipv${version} meta l4proto . th dport`, elements([...byHost, ...published])),
    `${ECHO[version]} accept`,
  ];
}

/** Parties to which a service may open connections. */
export function outgoing(
  { rules, ...network }: RulesOfNetwork,
  member: Member,
  { ip, address, subnet, version }: Family,
): string[] {
  const mine = rules.filter(({ from }) => from === member);
  const services = mine.flatMap(({ to }) => (isMember(to) ? [to] : []));
  const neighbours = mine.flatMap(({ to, ports }) =>
    isMember(to) && ports ? [`${to[address]} . ${portsElement(ports)}`] : [],
  );
  const toHost = mine.flatMap(({ to, ports }) => (to === 'host' && ports ? [ports] : []));
  const published = [member, ...services].flatMap((service) =>
    service.published.map(({ protocol, host }) => onePort(protocol, host)),
  );
  const beyond = mine.some(({ to }) => to === 'internet')
    ? `meta nfproto ipv${version} accept`
    : accept(`meta nfproto ipv${version} meta l4proto . th dport`, elements([...toHost, ...published]));
  return [
    accept(`${ip} daddr . meta l4proto . th dport`, neighbours),
    `${ip} daddr ${network[subnet]} jump refuse`,
    beyond,
    `${ECHO[version]} accept`,
  ];
}

const ECHO = { 4: 'icmp type echo-request', 6: 'icmpv6 type echo-request' } as const;

function elements(ports: readonly PortRange[]): string[] {
  return mergePorts(ports).map(portsElement);
}

function accept(key: string, texts: readonly string[]): string {
  return texts.length === 0 ? '' : `${key} { ${[...new Set(texts)].sort().join(', ')} } accept`;
}
