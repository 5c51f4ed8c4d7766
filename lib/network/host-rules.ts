import {
  FAMILIES,
  type Family,
  isMember,
  type Member,
  type NetworkModel,
  type PortRange,
  type PublishedPort,
} from './model';
import { linkGroup, linkName, tableName } from './names';
import { portsElement } from './port-ranges';
import { collection, sources } from './rule-text';

/**
 * The rules of a network on its host, for `nft -f`: one table, replaced as a whole. Lists are sets, so a packet costs
 * the same with any number of services.
 *
 * The tables of several networks are independent: each checks only the links of its own group.
 */
export function hostRules(network: NetworkModel): string {
  const table = `table inet ${tableName(network.name)}`;
  const sets = FAMILIES.flatMap((family) => setsOf(network, family)).join('\n');
  return `${table}\ndelete ${table}\n${table} {\n${sets}\n${chains(String(linkGroup(network.name)))}}\n`;
}

const PORT = 'meta l4proto . th dport';

function setsOf({ members, rules }: NetworkModel, family: Family): string[] {
  const { ip, version, address } = family;
  const own = new Set(members);
  const allowed: Allowed[] = [];
  const fromHost: Allowed[] = [];
  const toHost: Allowed[] = [];
  const internet: string[] = [];
  for (const { from, to, ports } of rules) {
    if (isMember(from) && isMember(to) && ports) allowed.push({ who: `${from[address]} . ${to[address]}`, ports });
    if (from === 'host' && isMember(to) && own.has(to) && ports) fromHost.push({ who: to[address], ports });
    if (isMember(from) && own.has(from) && to === 'host' && ports) toHost.push({ who: from[address], ports });
    if (isMember(from) && own.has(from) && to === 'internet') internet.push(from[address]);
  }
  return [
    collection(
      `set owned${version}`,
      `iifname . ${ip} saddr`,
      members.map((member) => `"${linkName(member.name)}" . ${member[address]}`),
    ),
    collection(
      `set self${version}`,
      `${ip} saddr . ${ip} daddr`,
      members.map((member) => `${member[address]} . ${member[address]}`),
    ),
    ...verdicts('allowed', `${ip} saddr . ${ip} daddr`, allowed, version),
    ...verdicts('fromhost', `${ip} daddr`, fromHost, version),
    ...verdicts('tohost', `${ip} saddr`, toHost, version),
    collection(`set internet${version}`, `${ip} saddr`, internet),
    ...publishedSets(members, family),
  ];
}

/** Addresses of a key, and the ports that they may use. */
interface Allowed {
  readonly who: string;
  readonly ports: PortRange;
}

// Single ports are looked up by hash. A set of ranges takes ten times as long to load.
function verdicts(name: string, who: string, list: readonly Allowed[], version: number): string[] {
  const element = (allowed: Allowed) => `${allowed.who} . ${portsElement(allowed.ports)} : accept`;
  const isSingle = ({ ports }: Allowed) => ports.first === ports.last;
  const type = `${who} . ${PORT} : verdict`;
  return [
    collection(`map ${name}${version}`, type, list.filter(isSingle).map(element)),
    collection(
      `map ${name}ranges${version}`,
      type,
      list.filter((allowed) => !isSingle(allowed)).map(element),
      INTERVAL,
    ),
  ];
}

/** A port of the host, and the service that it leads to. */
interface Leading {
  readonly port: PublishedPort;
  readonly member: Member;
}

function publishedSets(members: readonly Member[], family: Family): string[] {
  const { ip, version, address } = family;
  const everywhere = sources(undefined, family);
  const isBound = ({ port }: Leading) => port.ip !== undefined || port.from !== undefined;
  const at = ({ ip: own }: PublishedPort) =>
    own === undefined || /^(?:0\.0\.0\.0|::)$/.test(own) ? everywhere : [own];
  const list = members
    .flatMap((member) => member.published.map((port) => ({ member, port })))
    .filter(({ port }) => port.ip === undefined || port.ip.includes(':') === (version === 6));
  const lead = (who: string, { port, member }: Leading) =>
    `${who}${port.protocol} . ${port.host} : ${member[address]} . ${port.container}`;
  const bound = list.filter(isBound);
  const target = `: ${ip} daddr . th dport`;
  return [
    collection(
      `map published${version}`,
      `${PORT} ${target}`,
      list.filter((leading) => !isBound(leading)).map((leading) => lead('', leading)),
    ),
    collection(
      `map bound${version}`,
      `${ip} saddr . ${ip} daddr . ${PORT} ${target}`,
      bound.flatMap((leading) =>
        sources(leading.port.from, family).flatMap((from) =>
          at(leading.port).map((own) => lead(`${from} . ${own} . `, leading)),
        ),
      ),
      INTERVAL,
    ),
    collection(
      `map boundlocal${version}`,
      `${ip} daddr . ${PORT} ${target}`,
      bound.flatMap((leading) => at(leading.port).map((own) => lead(`${own} . `, leading))),
      INTERVAL,
    ),
    collection(
      `set targets${version}`,
      `${ip} daddr . ${PORT}`,
      list.map(({ member, port }) => `${member[address]} . ${port.protocol} . ${port.container}`),
    ),
  ];
}

const INTERVAL = ' flags interval;';
const NEIGHBOUR = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }';
const both = (line: (ip: string, version: number) => string): string =>
  FAMILIES.map(({ ip, version }) => `\t\t${line(ip, version)}`).join('\n');
const allowed = (name: string, who: (ip: string) => string): string =>
  ['', 'ranges'].map((kind) => both((ip, version) => `${who(ip)} . ${PORT} vmap @${name}${kind}${version}`)).join('\n');
// With only an ICMP error, a TCP client waits a second before it gives up.
const refuse = (match = '') => `\t\t${match}meta l4proto tcp counter reject with tcp reset
\t\t${match}counter reject with icmpx admin-prohibited`;

const chains = (group: string) => `
	# A service speaks from its own address alone, and never to the host's loopback, which its link would route.
	chain source {
		type filter hook prerouting priority raw; policy accept;
		iifgroup != ${group} accept
		ip daddr 127.0.0.0/8 drop
${both((ip, version) => `iifname . ${ip} saddr @owned${version} accept`)}
		ip6 saddr fe80::/10 ${NEIGHBOUR} accept
		counter drop
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
		iifgroup ${group} jump service
		oifgroup ${group} jump service
	}
	chain service {
		ct state established,related accept
		ct state invalid drop
${allowed('allowed', (ip) => `${ip} saddr . ${ip} daddr`)}
${both((ip, version) => `iifgroup != ${group} ct status dnat ${ip} daddr . ${PORT} @targets${version} accept`)}
${both((ip, version) => `oifgroup != ${group} ${ip} saddr @internet${version} accept`)}
${both((ip, version) => `ct status dnat ${ip} saddr . ${ip} daddr @self${version} accept`)}
${refuse(`iifgroup ${group} `)}
		counter drop
	}
	chain input {
		type filter hook input priority filter; policy accept;
		iifgroup != ${group} accept
		ct state established,related accept
		${NEIGHBOUR} accept
		icmp type echo-request accept
		icmpv6 type echo-request accept
${allowed('tohost', (ip) => `${ip} saddr`)}
${refuse()}
	}
	chain output {
		type filter hook output priority filter; policy accept;
		oifgroup != ${group} accept
		ct state established,related accept
		${NEIGHBOUR} accept
		icmp type echo-request accept
		icmpv6 type echo-request accept
${both((ip, version) => `ct status dnat ${ip} daddr . ${PORT} @targets${version} accept`)}
${allowed('fromhost', (ip) => `${ip} daddr`)}
${refuse()}
	}
	chain published {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type != local accept
${both((ip, version) => `dnat ${ip} to ${ip} saddr . ${ip} daddr . ${PORT} map @bound${version}`)}
${both((ip, version) => `dnat ${ip} to ${PORT} map @published${version}`)}
	}
	chain local {
		type nat hook output priority dstnat; policy accept;
		fib daddr type != local accept
		ip6 daddr ::1 accept
${both((ip, version) => `dnat ${ip} to ${ip} daddr . ${PORT} map @boundlocal${version}`)}
${both((ip, version) => `dnat ${ip} to ${PORT} map @published${version}`)}
	}
	chain leaving {
		type nat hook postrouting priority srcnat; policy accept;
		oifgroup ${group} ip saddr 127.0.0.0/8 masquerade
${both((ip, version) => `ct status dnat ${ip} saddr . ${ip} daddr @self${version} masquerade`)}
${allowed('allowed', (ip) => `${ip} saddr . ${ip} daddr`)}
${both((ip, version) => `oifgroup != ${group} ${ip} saddr @internet${version} masquerade`)}
	}
`;
