import { isIP } from 'node:net';
import { type Forms, matches, range } from './form';
import { parseNumeral } from './numeral';
import { isPort, isRange, isUnsigned } from './quantities';

/** What systemd-networkd and systemd-udevd take. Where their parsers take more than their pages say, so do these. */

const U32 = 2 ** 32 - 1;
const isU32 = (text: string) => isUnsigned(text, { max: U32 });

// Without a zone, which only few keys take.
const ipVersion = (text: string) => (text.includes('%') ? 0 : isIP(text));
const isAddress = (text: string) => ipVersion(text) !== 0;
const isIpv4 = (text: string) => ipVersion(text) === 4;
const isIpv6 = (text: string) => ipVersion(text) === 6;
const isPrefix = (text: string, is: (address: string) => boolean = isAddress, least = 0): boolean => {
  const [address = '', length, more] = text.split('/');
  if (!is(address) || more !== undefined) return false;
  return length === undefined || isUnsigned(length, { min: least, max: isIpv4(address) ? 32 : 128 });
};
const isNull = matches(/^[0.:]+$/);
const isMulticast = matches(/^(?:22[4-9]|23\d)\.|^ff[0-9a-f]{2}:/i);

/** A name of DNS: an empty label is none, and one of more than 63 bytes, nor a name of more than 253. */
const isDomain = (text: string): boolean => {
  const labels = text.replace(/(?<=.)\.$/, '').split('.');
  if (text === '.') return true;
  const sizes = labels.map((label) => Buffer.byteLength(label));
  return sizes.every((size) => size > 0 && size <= 63) && sizes.reduce((sum, size) => sum + size + 1, -1) <= 253;
};
/** As in router advertisements, whose encoder drops empty labels. */
const isIdn = (text: string) =>
  text.split('.').every((label) => Buffer.byteLength(label) <= 63 && !/^-|-$/.test(label));
const isHostname = (text: string) =>
  text.length <= 64 && isDomain(text) && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(text) && !/-\.|\.-/.test(text);

/** As the kernel takes them, or, up to 127 characters, as alternative ones. A number is an index, however written. */
const isInterface = (text: string, length = 15) =>
  text.length <= length &&
  /^[!-~]+$/.test(text) &&
  !/[/:%]|^(?:\+?\d+|0x[0-9a-f]{1,7}|0b[01]+|0o[0-7]+|all|default|\.\.?)$/.test(text);
const isAlternative = (text: string) => isInterface(text, 127);

/** Of bytes in hexadecimal, one by one or two by two. */
const isMac = (sizes: readonly number[]) => (text: string) => {
  const one = /^[0-9a-f]{1,2}(?:([:-])[0-9a-f]{1,2})(?:\1[0-9a-f]{1,2})*$/i.test(text);
  const two = /^[0-9a-f]{1,4}(?:\.[0-9a-f]{1,4})+$/i.test(text);
  return (one || two) && sizes.includes(text.split(/[:.-]/).length * (two ? 2 : 1));
};
const isEthernet = isMac([6]);
const isUnicastMac = (text: string) =>
  isEthernet(text) &&
  !/^(?:[0-9a-f]?[13579bdf][:-]|[0-9a-f]{0,1}[13579bdf][0-9a-f]{2}\.)/i.test(text) &&
  !/^[0:.-]+$/.test(text);
/** Of Ethernet, InfiniBand or a tunnel. */
const isHardware = (text: string) => isMac([4, 6, 16, 20])(text) || isAddress(text);

const ONLINE = [
  'missing',
  'off',
  'no-carrier',
  'dormant',
  'degraded-carrier',
  'carrier',
  'degraded',
  'enslaved',
  'routable',
];
const isOnline = (text: string): boolean => {
  const [least = '', most, more] = text.split(':');
  const highest = most ? ONLINE.indexOf(most) : ONLINE.length;
  return more === undefined && ONLINE.includes(least) && ONLINE.indexOf(least) <= highest;
};

const OPTION = /^(\d+):(uint8|uint16|uint32|ipv4address|ipv6address|string):(.+)$/s;
const isOption = (text: string, most: number): boolean => {
  const [, number = '', type, data = ''] = OPTION.exec(text) ?? [];
  if (!isUnsigned(number, { min: 1, max: most })) return false;
  if (type === 'string') return true;
  if (type === 'ipv4address') return isIpv4(data);
  if (type === 'ipv6address') return isIpv6(data) && !data.startsWith(':');
  return isUnsigned(data, { max: 2 ** Number(type?.slice(4)) - 1 });
};

const isEndpoint = (text: string): boolean => {
  const [, host, port = ''] = /^(.+):(\d+)$/.exec(text) ?? [];
  return isAddress(text) || /^@./.test(text) || (host !== undefined && isPort(port));
};
const isDnsServer = (text: string): boolean => {
  const [, place = '', zone, name] = /^([^%#]+)(?:%([^#]+))?(?:#(.+))?$/.exec(text) ?? [];
  const [, bracketed, dotted, port = '53'] = /^(?:\[(.*)\]|([\d.]+)):(\d+)$/.exec(place) ?? [];
  if ((zone !== undefined && !isZone(zone)) || (name !== undefined && !isDomain(name))) return false;
  return isAddress(place) || (isPort(port) && (isIpv6(bracketed ?? '') || isIpv4(dotted ?? '')));
};
/** An interface by its name or its index. */
const isZone = (text: string) => isUnsigned(text, { min: 1, max: 2 ** 31 - 1 }) || isInterface(text);
const isHop = (text: string): boolean => {
  const [, address = '', zone, weight = '1'] = /^([^@ ]+)(?:@([^ ]+))?(?: +(\d+))?$/.exec(text) ?? [];
  return isAddress(address) && (zone === undefined || isZone(zone)) && isUnsigned(weight, { min: 1, max: 256 });
};
const TOKEN = /^(?:(?:(static|prefixstable):)?([0-9a-f:.]+)|eui64|prefixstable)(?:,([0-9a-f-]{32,36}))?$/i;
const isToken = (text: string): boolean => {
  const [whole, kind, address, key] = TOKEN.exec(text) ?? [];
  // A key is for addresses that are made of one.
  if (whole === undefined || (key !== undefined && (/^[0-]*$/.test(key) || !text.startsWith('prefixstable'))))
    return false;
  return address === undefined || (isIpv6(address) && (kind === 'prefixstable' || !isNull(address)));
};

/** How many bytes a text is in hexadecimal, where blanks do not count; 0 for none. */
const bytesIn = (text: string) => /^(?:[0-9a-f]{2})+$/i.exec(text.replace(/\s/g, ''))?.[0].match(/../g)?.length ?? 0;

const NFT_NAME = '[A-Za-z][A-Za-z0-9/\\\\_.]{0,30}';
/** By the names that they have in C. */
const PROTOCOLS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ ip: 0, hopopts: 0, icmp: 1, igmp: 2, ipip: 4, tcp: 6, egp: 8, pup: 12, udp: 17, idp: 22, tp: 29, dccp: 33 },
    ...{ ipv6: 41, routing: 43, fragment: 44, rsvp: 46, gre: 47, esp: 50, ah: 51, icmpv6: 58, none: 59, dstopts: 60 },
    ...{ mtp: 92, beetph: 94, encap: 98, pim: 103, comp: 108, l2tp: 115, sctp: 132, mh: 135, udplite: 136, mpls: 137 },
    ...{ ethernet: 143, raw: 255 },
  }),
);
const NUMBERS: ReadonlySet<number> = new Set(PROTOCOLS.values());

export const NETWORK_FORMS: Forms = {
  'ip-address': { test: isAddress, expected: 'an IP address' },
  'ipv4-address': { test: (text) => isIpv4(text) && !isNull(text), expected: 'an IPv4 address' },
  'ipv4ll-address': {
    test: (text) => isIpv4(text) && /^169\.254\.(?!0\.|255\.)/.test(text),
    expected: 'an address from 169.254.1.0 to 169.254.254.255',
  },
  'dhcp-server-address': {
    test: (text) => isPrefix(text, isIpv4) && !/^127\.|^169\.254\./.test(text),
    expected: 'an IPv4 address with its length, not of loopback or link-local',
  },
  'host-address': { test: (text) => isAddress(text) && !isNull(text), expected: 'an IP address, not that of any host' },
  'address-or-mac': { test: (text) => isAddress(text) || isEthernet(text), expected: 'an IP or a MAC address' },
  'ipv6-address': { test: (text) => isIpv6(text) && !isNull(text), expected: 'an IPv6 address' },
  'unicast-address': { test: (text) => isAddress(text) && !isMulticast(text), expected: 'an IP address of one host' },
  'multicast-address': {
    test: (text) => isAddress(text) && isMulticast(text),
    expected: 'an IP address of a group, such as 239.0.0.1',
  },
  'ip-prefix': { test: (text) => isPrefix(text), expected: 'an IP address or network such as 192.0.2.0/24' },
  'ipv4-prefix': { test: (text) => isPrefix(text, isIpv4), expected: 'an IPv4 network such as 192.0.2.0/24' },
  'ipv6-prefix': {
    test: (text, { min }) => isPrefix(text, isIpv6, min),
    expected: 'an IPv6 network such as 2001:db8::/64',
  },
  pref64: {
    test: (text) => isPrefix(text, isIpv6) && /\/(?:32|40|48|56|64|96)$/.test(text),
    expected: 'an IPv6 network such as 64:ff9b::/96, of the length 32, 40, 48, 56, 64 or 96',
  },
  'hardware-address': { test: isHardware, expected: 'a MAC address, or an IP address of a tunnel' },
  'mac-address': { test: isEthernet, expected: 'a MAC address' },
  'unicast-mac-address': { test: isUnicastMac, expected: 'a MAC address of one host' },
  'secureon-password': {
    test: (text) => isEthernet(text) || text.startsWith('/'),
    expected: 'six bytes as a MAC address, or an absolute path of a file',
  },
  'interface-name': {
    test: (text) => isInterface(text),
    expected: 'an interface name of up to 15 characters, not only digits',
  },
  'alternative-name': { test: isAlternative, expected: 'an interface name of up to 127 characters, not only digits' },
  'interface-glob': {
    test: (text) => isInterface(text),
    expected: 'an interface name of up to 15 characters, which may have * and ?',
  },
  'alternative-glob': { test: isAlternative, expected: 'an interface name, which may have * and ?' },
  'interface-or-index': {
    test: (text) => isAlternative(text) || isZone(text),
    expected: 'an interface name, or its index',
  },
  'vlan-id': { test: (text) => isUnsigned(text, { max: 4094 }), expected: 'a number from 0 to 4094' },
  'address-label': { test: matches(/^[ -~]{1,15}$/), expected: 'up to 15 ASCII characters' },
  ascii: {
    test: (text, { max = Number.POSITIVE_INFINITY }) => /^[ -~]*$/.test(text) && text.length <= max,
    expected: ({ max }) => (max ? `up to ${max} ASCII characters` : 'ASCII characters'),
  },
  'route-table': {
    test: (text) => (/^[+-]?\d+$/.test(text) ? isUnsigned(text, { min: 1, max: U32 }) : /^[^\s:]+$/.test(text)),
    expected: 'a number from 1 to 4294967295, main, local, default, or a name of networkd.conf',
  },
  mark: {
    test: (text) => text.split('/').length <= 2 && text.split('/').every(isU32),
    expected: 'mark[/mask] in numbers such as 0x10/0xff',
  },
  'ip-protocol': {
    test: (text, entry) =>
      PROTOCOLS.has(text.toLowerCase()) ||
      (isUnsigned(text, entry) && (entry.max !== undefined || NUMBERS.has(Number(parseNumeral(text))))),
    expected: 'a protocol such as tcp or 6',
  },
  'uid-range': {
    test: (text) =>
      (isRange(text, { max: U32 - 1 }) && !/\b(?:65535$|0\d)/.test(text)) || /^[a-z_][a-z0-9_.-]*$/i.test(text),
    expected: 'a user, its number, or first-last',
  },
  'multipath-route': { test: isHop, expected: 'address[@interface][ weight] with a weight from 1 to 256' },
  'nexthop-weight': {
    test: (text) => {
      const [id = '', weight = '1', more] = text.split(':');
      return more === undefined && isUnsigned(id, { min: 1, max: U32 }) && isUnsigned(weight, { min: 1, max: 256 });
    },
    expected: 'id[:weight] with a weight from 1 to 256',
  },
  'route-metric': {
    test: (text) => isU32(text) || (text.split(':').length === 3 && text.split(':').every(isU32)),
    expected: 'a number, or high:medium:low in numbers',
  },
  'address-token': { test: isToken, expected: 'eui64, static:address, or prefixstable[:address][,id]' },
  'dns-server': { test: isDnsServer, expected: 'address[:port][%interface][#name]' },
  'ntp-server': { test: (text) => isAddress(text) || isDomain(text), expected: 'an IP address or a host name' },
  string: {
    test: (text, { max = Number.POSITIVE_INFINITY }) => Buffer.byteLength(text) <= max,
    expected: ({ max }) => `text of up to ${max} bytes`,
  },
  domain: { test: isDomain, expected: 'a domain such as example.com' },
  'search-domain': {
    test: (text) => isDomain(text.replace(/^~(?=.)/, '')) && !/^localhost\.?$/i.test(text),
    expected: 'a domain such as example.com, ~ in front for routing only',
  },
  'idn-domain': { test: isIdn, expected: 'a domain such as example.com' },
  hostname: { test: isHostname, expected: 'a host name of letters, digits, "-" and ".", of up to 64 characters' },
  'http-url': { test: matches(/^https?:\/\/./), expected: 'a URL such as https://example.com/x' },
  timezone: { test: matches(/^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/), expected: 'a time zone such as Europe/Berlin' },
  'online-state': {
    test: isOnline,
    expected: `a boolean, or least[:most] of ${ONLINE.join(', ')}`,
  },
  'nft-set': {
    test: matches(new RegExp(`^(?:address|prefix|ifindex):(?:arp|bridge|inet|ip6?|netdev):${NFT_NAME}:${NFT_NAME}$`)),
    expected: 'source:family:table:set',
  },
  'dhcp-option': {
    test: (text, { max = 0 }) => isOption(text, max),
    expected: range('option:type:value with an option'),
  },
  'dhcp6-vendor-option': {
    test: (text) => isU32(/^(\d+):/.exec(text)?.[1] ?? '') && isOption(text.replace(/^\d+:/, ''), 65535),
    expected: 'enterprise:option:type:value',
  },
  'relay-option': { test: matches(/^string:./s), expected: 'string:value' },
  'duid-type': {
    test: (text) =>
      isUnsigned(/^:*([+\w]+)(?::|$)/.exec(text)?.[1] ?? '', { max: 65535 }) ||
      /^(?:vendor|uuid|link-layer|link-layer-time(?::.+)?)$/.test(text),
    expected: 'vendor, uuid, link-layer, link-layer-time[:time], or a number up to 65535',
  },
  'duid-data': {
    test: matches(/^[0-9a-f]{0,2}(?::[0-9a-f]{0,2})*$/i),
    expected: 'bytes in hexadecimal such as 00:1b:2c',
  },
  'tc-class': { test: matches(/^[0-9a-f]{1,4}:[0-9a-f]{1,4}$/i), expected: 'major:minor in hexadecimal such as 1:2' },
  'qos-map': {
    test: (text) => text.split('-').length <= 2 && text.split('-').every(isU32),
    expected: 'from-to in numbers such as 0-1',
  },
  'tunnel-key': { test: (text) => isU32(text) || isIpv4(text), expected: 'a number, or an IPv4 address' },
  'l2tp-local': {
    test: (text) => {
      const [, address = '', zone] = /^([^@]+)(?:@(.+))?$/.exec(text) ?? [];
      const known = /^(?:auto|static|dynamic)$/.test(address) || (isAddress(address) && !isNull(address));
      return known && (zone === undefined || isInterface(zone));
    },
    expected: 'an IP address, auto, static or dynamic, with @interface where it has that',
  },
  'partition-key': {
    test: (text) => isUnsigned(text, { min: 1, max: 65535 }) && parseNumeral(text) !== 32768,
    expected: 'a number from 1 to 65535, except 32768',
  },
  'udev-property': { test: matches(/^[A-Za-z_]\w*=/), expected: 'NAME=value' },
  'macsec-key': { test: (text) => bytesIn(text) === 16, expected: '32 hexadecimal digits' },
  'macsec-key-id': {
    test: (text) => bytesIn(text) >= 1 && bytesIn(text) <= 16,
    expected: 'up to 16 bytes in hexadecimal',
  },
  'wireguard-key': {
    test: matches(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$|^@./),
    expected: '32 bytes in Base64, or @credential',
  },
  endpoint: { test: isEndpoint, expected: 'host:port with a port from 1 to 65535' },
};
