import type { KeyEntry } from '../catalog';
import { VARIABLE_KINDS } from '../word';

/** How the values of a kind are typed, and what the type can't say about them. */
interface KindType {
  readonly type: string;
  readonly note?: string;
}

const KINDS: Readonly<Record<string, KindType>> = {
  string: { type: 'string' },
  value: { type: 'string | number | boolean' },
  boolean: { type: 'boolean' },
  unsigned: { type: 'number' },
  integer: { type: 'number' },
  'unsigned-or-infinity': { type: "number | 'infinity'" },
  'unsigned-or-percent-or-infinity': { type: "number | Percent | 'infinity'" },
  percent: { type: 'Percent' },
  weight: { type: 'number', note: '1 to 10000.' },
  'weight-or-idle': { type: "number | 'idle'", note: '1 to 10000.' },
  size: { type: 'Size' },
  'size-or-percent-or-infinity': { type: "Size | Percent | 'infinity'" },
  'podman-size': { type: 'PodmanSize' },
  'bit-rate': { type: 'Size', note: 'Bits per second; suffixes are to base 1000.' },
  timespan: { type: 'Timespan' },
  'go-duration': { type: 'GoDuration' },
  calendar: { type: 'string', note: 'Calendar event as in systemd.time(7).' },
  rlimit: { type: 'ResourceLimit' },
  'rlimit-count': { type: "number | 'infinity' | `${string}:${string}`", note: 'One limit, or `soft:hard`.' },
  'rlimit-time': { type: "Timespan | 'infinity'", note: 'Or `soft:hard`.' },
  'pid-file': { type: 'string', note: 'Path; a relative one is below `/run`.' },
  mode: { type: 'Mode' },
  signal: { type: 'Signal | RealtimeSignal | number' },
  capability: { type: 'Capability' },
  syscall: { type: 'Open<SyscallSet>', note: 'System calls and sets of them.' },
  architecture: { type: "Architecture | 'native'" },
  filesystem: { type: 'Open<FilesystemSet>', note: 'File system types and sets of them.' },
  'address-family': { type: 'AddressFamily' },
  'exit-status-or-signal': { type: 'number | ExitStatus | Signal | RealtimeSignal' },
  errno: { type: 'number | Errno' },
  'condition-string': { type: 'string | boolean | number', note: 'A condition; `|` triggers, `!` negates.' },
  'condition-path': { type: 'string', note: 'Absolute path; `|` triggers, `!` negates.' },
  path: { type: 'string', note: 'Path.' },
  'relative-path': { type: 'string', note: 'Relative path, or `path:link`.' },
  'relative-path-alone': { type: 'string', note: 'Relative path.' },
  'unix-address': { type: 'string', note: 'Path, or `@abstract`.' },
  'netlink-address': { type: 'string', note: '`family [group]`.' },
  'documentation-url': { type: 'string', note: 'URL of `http:`, `https:`, `file:`, `info:` or `man:`.' },
  'rlimit-nice': { type: 'number | string', note: 'Nice level with its sign, a limit from 0 to 40, or `soft:hard`.' },
  'path-with-options': { type: 'string', note: '`path[:options]`.' },
  'path-pair': { type: 'string', note: '`path[:path]`.' },
  'bind-path': { type: 'string', note: '`source[:target[:options]]`; `\\:` is a colon in a path.' },
  'overlay-path': { type: 'string', note: '`lower:upper[:target]`; `\\:` is a colon in a path.' },
  'image-mount': { type: 'string', note: '`image:target[:options]`.' },
  'mount-source': { type: 'string', note: 'Device, directory, or what else is mounted.' },
  'pod-file': { type: '`${string}.pod`' },
  'slice-name': { type: '`${string}.slice`' },
  'unit-name': { type: 'string', note: 'Unit name.' },
  'user-or-group': { type: 'string | number', note: 'Name or number.' },
  'podman-user': { type: "number | 'root'" },
  user: { type: 'string | number', note: 'Name or number.' },
  'cpu-list': { type: 'string | number', note: 'Numbers and ranges such as `0-3`.' },
  'device-allow': { type: 'string', note: '`device [rwm]`.' },
  'device-weight': { type: 'string', note: '`device weight`.' },
  'device-limit': { type: 'string', note: '`device limit`.' },
  'device-timespan': { type: 'string', note: '`device timespan`.' },
  'socket-address': { type: 'string | number', note: 'Port, `address:port`, path, or `@abstract`.' },
  'credential-load': { type: 'string', note: '`id[:path]`.' },
  'credential-set': { type: 'string', note: '`id:value`.' },
  'ip-address': { type: 'string', note: 'IP address.' },
  'ipv4-address': { type: 'string', note: 'IPv4 address.' },
  'ipv4ll-address': { type: 'string', note: 'Address from 169.254.1.0 to 169.254.254.255.' },
  'dhcp-server-address': { type: 'string', note: 'IPv4 address with its `/length`.' },
  'host-address': { type: 'string', note: 'IP address.' },
  'address-or-mac': { type: 'string', note: 'IP or MAC address.' },
  'ipv6-address': { type: 'string', note: 'IPv6 address.' },
  'unicast-address': { type: 'string', note: 'IP address of one host.' },
  'multicast-address': { type: 'string', note: 'IP address of a group.' },
  'ipv4-prefix': { type: 'string', note: 'IPv4 address, with `/length` a network.' },
  'ipv6-prefix': { type: 'string', note: 'IPv6 address, with `/length` a network.' },
  pref64: { type: 'string', note: 'IPv6 network of the length 32, 40, 48, 56, 64 or 96.' },
  'ip-prefix': { type: 'string', note: 'IP address, with `/length` a network.' },
  port: { type: 'number' },
  'vlan-id': { type: 'number' },
  'publish-port': { type: 'string | number', note: '`[[ip:][hostPort]:]containerPort[/protocol]`.' },
  'port-range': { type: 'number | `${number}-${number}` | `${number}/${string}` | `${number}-${number}/${string}`' },
  'volume-mount': { type: 'string', note: '`[source:]target[:options]`.' },
  'mount-spec': { type: 'string', note: '`type=...,source=...,destination=...`.' },
  'host-mapping': { type: 'string', note: '`name:ip`.' },
  'id-map': { type: 'string', note: '`container:host[:amount]`.' },
  device: { type: 'string', note: '`hostDevice[:containerDevice[:permissions]]`.' },
  secret: { type: 'string', note: '`name[,option=value...]`.' },
  ulimit: { type: 'string', note: '`name=soft[:hard]`.' },
  'boolean-or-string': { type: 'boolean | string' },
  'boolean-or-path': { type: 'boolean | string' },
  'boolean-or-range': { type: 'boolean | string' },
  'boolean-or-list': { type: 'boolean | string' },
  'interface-name': { type: 'string', note: 'Interface name of up to 15 characters.' },
  'alternative-name': { type: 'string', note: 'Interface name of up to 127 characters.' },
  'interface-glob': { type: 'string', note: 'Interface name, which may have `*` and `?`.' },
  'alternative-glob': { type: 'string', note: 'Interface name, which may have `*` and `?`.' },
  'interface-or-index': { type: 'string | number', note: 'Interface name, or its index.' },
  'interface-pair': { type: 'string', note: '`interface[:name]`.' },
  'expose-port': { type: 'string', note: '`[protocol:]hostPort[:containerPort]`.' },
  'mac-address': { type: 'string', note: 'MAC address.' },
  'unicast-mac-address': { type: 'string', note: 'MAC address of one host.' },
  'secureon-password': { type: 'string', note: 'Six bytes as a MAC address, or the path of a file that has them.' },
  range: { type: 'number | `${number}-${number}`' },
  hexadecimal: { type: 'string | number', note: 'Hexadecimal: 10 is sixteen.' },
  permille: { type: 'Percent' },
  permyriad: { type: 'Percent' },
  'route-table': { type: 'string | number', note: 'Number, `main`, `local`, `default`, or a name of networkd.conf.' },
  'route-metric': { type: 'number | string', note: 'Number, or `high:medium:low`.' },
  mark: { type: 'string | number', note: '`mark[/mask]`.' },
  'ip-protocol': { type: 'string | number', note: 'Protocol by its number or name.' },
  'uid-range': { type: 'string | number', note: 'User by its name or number, or `first-last`.' },
  'multipath-route': { type: 'string', note: '`address[@interface][ weight]`.' },
  'nexthop-weight': { type: 'string | number', note: '`id[:weight]`.' },
  'address-token': { type: 'string', note: '`eui64`, `static:address` or `prefixstable[:address][,id]`.' },
  'dns-server': { type: 'string', note: '`address[:port][%interface][#name]`.' },
  'ntp-server': { type: 'string', note: 'IP address or host name.' },
  'search-domain': { type: 'string', note: 'Domain; `~` in front is for routing only.' },
  'nft-set': { type: 'string', note: '`source:family:table:set`.' },
  'dhcp-option': { type: 'string', note: '`option:type:value`.' },
  'dhcp6-vendor-option': { type: 'string', note: '`enterprise:option:type:value`.' },
  'relay-option': { type: 'string', note: '`string:value`.' },
  'duid-type': { type: 'string | number', note: '`vendor`, `uuid`, `link-layer[-time[:time]]` or a number.' },
  'duid-data': { type: 'string', note: 'Bytes in hexadecimal, with `:` between them.' },
  'online-state': { type: 'string', note: '`least[:most]` of the states that networkctl(1) names.' },
  'tc-class': { type: 'string', note: '`major:minor` in hexadecimal.' },
  'qos-map': { type: 'string | number', note: '`from-to`.' },
  'tunnel-key': { type: 'string | number', note: 'Number, or an IPv4 address.' },
  'l2tp-local': { type: 'string', note: '`address[@interface]`; the address may be `auto`, `static` or `dynamic`.' },
  'partition-key': { type: 'number', note: '1 to 65535, but for 32768.' },
  'macsec-key': { type: 'string', note: '32 hexadecimal digits.' },
  'macsec-key-id': { type: 'string', note: 'Up to 16 bytes in hexadecimal.' },
  'wireguard-key': { type: 'string', note: '32 bytes in Base64, or `@credential`.' },
  endpoint: { type: 'string', note: '`host:port`.' },
  'hardware-address': { type: 'string', note: 'MAC address; of a tunnel, IP address.' },
  'private-users': { type: "boolean | 'pick' | 'identity' | 'managed' | number | `${number}:${number}`" },
};

/** The type of a key, written out. */
export function typeOf(entry: KeyEntry): string {
  if (entry.kind === 'command') return entry.class === 'exec' ? 'CommandList' : 'Argv | Raw | undefined';
  if (VARIABLE_KINDS.has(entry.kind)) return 'VariableList';
  const single = withMarks(entry, baseType(entry));
  return `${entry.repeat || entry.list ? 'List' : 'Value'}<${single}>`;
}

/** What is to be said about a key beside its type, page and version. */
export function noteOf(entry: KeyEntry): string | undefined {
  const { kind, unit, min, max } = entry;
  const bounds = boundsOf(min, max, BOUND_UNITS[kind] ?? '');
  const note = kind === 'timespan' && unit === 'ns' ? 'A number is nanoseconds.' : KINDS[kind]?.note;
  return [note, bounds].filter((part) => part).join(' ') || undefined;
}

// As long as bounds are in the unit of a bare number, which is nanoseconds only where that is said.
const BOUND_UNITS: Readonly<Record<string, string>> = {
  string: ' bytes',
  ascii: ' characters',
  'ipv6-prefix': ' bits',
};

function boundsOf(min: number | undefined, max: number | undefined, unit: string): string | undefined {
  if (min !== undefined && max !== undefined) return `${min} to ${max}${unit}.`;
  if (max !== undefined) return `At most ${max}${unit}.`;
  return min === undefined ? undefined : `At least ${min}${unit}.`;
}

function baseType(entry: KeyEntry): string {
  const literals = (entry.literals ?? []).map((literal) => `'${literal}'`);
  if (entry.enum) return union([...enumTypes(entry), ...literals]);
  const { type } = KINDS[entry.kind] ?? { type: 'string' };
  const types = [...(entry.boolean ? ['boolean'] : []), ...type.split(' | ')];
  return union(type.split(' | ').includes('string') ? types : [...types, ...literals]);
}

function enumTypes(entry: KeyEntry): string[] {
  const values = (entry.enum ?? []).filter((value) => !entry.boolean || !BOOLEANS.has(value));
  const types = [...(entry.boolean ? ['boolean'] : []), ...values.map((value) => `'${value}'`)];
  switch (entry.kind) {
    case 'enum-or-unsigned':
      return [...types, 'number'];
    case 'enum-or-string':
    case 'enum-with-arg':
      return [...types, '`${string}:${string}`'];
    default:
      return entry.open ? [...types, '(string & {})'] : types;
  }
}

const BOOLEANS: ReadonlySet<string> = new Set(['no', 'yes']);

function withMarks(entry: KeyEntry, type: string): string {
  if (entry.negate !== '~' || type.split(' | ').includes('string') || type.startsWith('Open<')) return type;
  const [strings, others] = partition(type.split(' | '), (part) => part !== 'boolean');
  return union([...others, `Negatable<${strings.join(' | ')}>`]);
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ') || 'string';
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
