import { type Format, type KeyEntry, type Section, sectionsOf } from '../../../lib/directives/catalog';

/** A directive that something is wrong with. */
export interface Mutation {
  readonly format: Format;
  readonly section: string;
  readonly key: string;
  readonly value: unknown;
  /** Manual page that the refusal names. */
  readonly page: string;
  readonly what: string;
}

/** Values that do not fit, per kind. */
const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  'address-family': ['AF_FOO'],
  architecture: ['z80'],
  'bind-path': ['srv:/srv'],
  'bit-rate': ['fast'],
  boolean: ['maybe', 2],
  'bus-name': ['name'],
  calendar: ['every day', '25 o clock', 'Mon-Fri 6'],
  capability: ['CAP_BOGUS', 'chown'],
  'condition-path': ['etc/passwd'],
  'cpu-list': ['first', '-1'],
  'device-allow': ['sda rw'],
  enum: ['sometimes'],
  'env-name': ['A-B'],
  errno: ['EFOO'],
  'exit-status-or-signal': [256, 'SIGFOO'],
  'expose-port': ['tcp:99999', '80:80:80'],
  'go-duration': ['5 minutes', '1min'],
  'hardware-address': ['00:00:5e:00:53', 'x'],
  'host-mapping': ['db', 'db:host'],
  'id-map': ['0', '0:x'],
  id128: ['1234'],
  integer: ['many', 1.5],
  'interface-name': ['a-name-of-sixteen', '12', 'a/b'],
  'ip-address': ['192.0.2', '192.0.2.256'],
  'ip-prefix': ['192.0.2.0/33', '2001:db8::/129'],
  'mac-address': ['00:00:5e:00:53', '00:00:5e:00:53:0g'],
  mode: ['0999', 'rwxr-xr-x'],
  'mount-spec': ['type=bind,destination=/x'],
  path: ['etc/x', './x'],
  percent: ['50', '-5%'],
  'podman-size': ['much', '5 MBit'],
  'podman-user': ['shop', -1],
  port: [0, 65536, -1],
  'port-range': [0, '80-99999'],
  'private-users': ['some'],
  'publish-port': ['99999:80', 'a:b', '80:80:80:80'],
  rlimit: ['8X', '2:1'],
  'rlimit-count': ['8K', '2:1'],
  'rlimit-time': ['soon'],
  signal: ['SIGFOO', 0, 65],
  size: ['1GB', '1e6', '-1'],
  'size-or-percent-or-infinity': ['1GB', '-1', 'much'],
  'slice-name': ['batch', 'batch.service'],
  'socket-address': [70000, '127.0.0.1:0'],
  syscall: ['@nothing', 'Read?'],
  timespan: ['5 parsec', '-1', 'soon'],
  ulimit: ['nofile', 'nofile=x'],
  'unit-name': ['network', 'a b.service'],
  unsigned: [-1, 'many', 1.5],
  'unsigned-or-infinity': [-1],
  'unsigned-or-percent-or-infinity': [-1, 'some'],
  'vlan-id': [4095, -1],
  'volume-mount': ['data', 'a:b'],
  weight: [0, 10001],
  'weight-or-idle': [10001, 'busy'],
  'address-label': ['a-label-of-sixteen'],
  'address-or-mac': ['192.0.2.256', '00:00:5e'],
  'address-token': ['eui64:1', 'static:::'],
  'alternative-name': ['all', 'a'.repeat(128)],
  'dhcp-option': ['0:uint8:1', '6:ipv4address:x', '6:uint8:256'],
  'dhcp-server-address': ['127.0.0.1/8'],
  'dhcp6-vendor-option': ['1:uint8:1'],
  'dns-server': ['dns.example.com', '192.0.2.1:0'],
  domain: ['a..b', `${'a'.repeat(64)}.example`],
  'duid-data': ['00:1g', '001b'],
  'duid-type': ['random'],
  endpoint: ['192.0.2.1:0', 'host'],
  hexadecimal: ['12g', '10000000000000000'],
  'host-address': ['0.0.0.0'],
  hostname: ['a_b', 'a.'],
  'http-url': ['ftp://example.com'],
  'idn-domain': ['-a.example'],
  'interface-glob': ['a-name-of-sixteen*'],
  'interface-or-index': ['0', 'a/b'],
  'ip-protocol': [3, 'tpc'],
  'ipv4-address': ['2001:db8::1', '0.0.0.0'],
  'ipv4-prefix': ['192.0.2.0/33', '2001:db8::/32'],
  'ipv4ll-address': ['192.0.2.1'],
  'ipv6-address': ['192.0.2.1', '::'],
  'ipv6-prefix': ['192.0.2.0/24', '2001:db8::/129'],
  'l2tp-local': ['any', '192.0.2.1@1'],
  'macsec-key': ['0011'],
  'macsec-key-id': ['001', '0g'],
  mark: ['0x1/', '4294967296'],
  'multicast-address': ['192.0.2.1'],
  'multipath-route': ['192.0.2.1 257'],
  'nexthop-weight': ['0', '1:0', '1:257'],
  'nft-set': ['address:inet:filter', 'address:ipv4:filter:set'],
  'ntp-server': ['a..b'],
  'online-state': ['online', 'routable:degraded'],
  'partition-key': [0, 32768],
  permille: ['100.5%', '5', '0.05%'],
  permyriad: ['101%', 5],
  pref64: ['64:ff9b::/97'],
  'qos-map': ['1:2', '1-'],
  range: ['2-1', 'a-b'],
  'relay-option': ['1'],
  'route-metric': ['1:2', -1],
  'route-table': [4294967296],
  'search-domain': ['localhost', '~a..b'],
  'secureon-password': ['secret'],
  'tc-class': ['1:', '12345:1', 'root:1'],
  timezone: ['+1'],
  'tunnel-key': ['2001:db8::1', -1],
  'udev-property': ['NAME'],
  'uid-range': ['2-1', 65535],
  'unicast-address': ['224.0.0.1'],
  'unicast-mac-address': ['01:00:5e:00:53:01'],
  'wireguard-key': ['AAAA'],
};

const PER_KIND = 3;
const TYPOS_PER_SECTION = 4;

/** Wrong values, misspelt keys, keys of other sections and injected lines, spread over a format's sections. */
export function mutationsOf(format: Format, sections: readonly string[]): Mutation[] {
  return sections.flatMap((name) => {
    const section = sectionsOf(format).get(name);
    if (!section) throw new Error(`Cannot find the section "${name}" of ${format}`);
    return [...wrongValues(format, section), ...typos(format, section), ...injections(format, section)];
  });
}

function wrongValues(format: Format, section: Section): Mutation[] {
  const seen = new Map<string, number>();
  return entriesOf(section).flatMap(([key, entry]) => {
    const wrong = entry.enum && entry.kind !== 'enum' ? undefined : WRONG[entry.kind];
    const count = seen.get(entry.kind) ?? 0;
    if (!wrong || entry.open || count >= PER_KIND) return [];
    seen.set(entry.kind, count + 1);
    const value = wrong[count % wrong.length];
    return [{ format, section: section.name, key, value, page: entry.page, what: `a wrong ${entry.kind}` }];
  });
}

function typos(format: Format, section: Section): Mutation[] {
  const step = Math.ceil(section.keys.size / TYPOS_PER_SECTION);
  return entriesOf(section)
    .filter((_, index) => index % step === 0)
    .flatMap(([key]) => {
      const spelt = [`${key.slice(0, -2)}${key.slice(-1)}${key.slice(-2, -1)}`, key.toLowerCase(), `${key}s`];
      const unknown = spelt.filter((name) => name !== key && !section.keys.has(name));
      return unknown.slice(0, 1).map((name) => ({
        format,
        section: section.name,
        key: name,
        value: 'x',
        page: section.page,
        what: 'a misspelt key',
      }));
    });
}

function injections(format: Format, section: Section): Mutation[] {
  const found = entriesOf(section).find(
    ([, { kind, class: escaping }]) => kind === 'string' && !['args', 'c'].includes(escaping ?? ''),
  );
  if (!found) return [];
  const [key, { page }] = found;
  const value = 'x\n[Service]\nUser=root';
  return [{ format, section: section.name, key, value, page, what: 'a line break' }];
}

// Those that nothing replaces, of all versions, so that nothing else is wrong with them.
function entriesOf(section: Section): [string, KeyEntry & { readonly page: string }][] {
  return [...section.keys].filter(([, { ignoredSince, deprecated }]) => !ignoredSince && !deprecated);
}

/** The keys of sections that are newer than something. */
export function newerKeys(format: Format, sections: readonly string[], isNewer: (entry: KeyEntry) => boolean) {
  return sections.flatMap((name) =>
    [...(sectionsOf(format).get(name)?.keys ?? [])].flatMap(([key, entry]) =>
      entry.since !== undefined && !entry.ignoredSince && isNewer(entry)
        ? [{ section: name, key, page: entry.page }]
        : [],
    ),
  );
}
