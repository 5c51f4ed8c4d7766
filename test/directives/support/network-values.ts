import { type Format, type KeyEntry, sectionsOf } from '../../../lib/directives/catalog';

/** One value for one key of systemd-networkd and systemd-udevd, right or wrong. */
export interface Probe {
  readonly format: NetworkFormat;
  readonly section: string;
  readonly multiple: boolean;
  readonly key: string;
  readonly entry: KeyEntry;
  readonly value: string | number | boolean;
  /** As it stands in the file. */
  readonly text: string;
}
export type NetworkFormat = Extract<Format, 'network' | 'netdev' | 'link'>;

// Around the bounds that keys have.
const NUMBERS = [
  -1, 0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 254, 255, 256, 511, 512, 999,
  1000, 1001, 1023, 1024, 1280, 4093, 4094, 4095, 4096, 9999, 65534, 65535, 65536, 1048575, 1048576, 16777215, 16777216,
  2147483646, 2147483647, 2147483648, 4294967294, 4294967295, 4294967296,
];

const TEXTS = `
.5 .5s .5G 5. 1.5.5 18446744073709551615 99999999999999999999 0x10 0o17 010 +5 -2147483648 12 6 41 47 50 58 132 262 9000 9001 299
300 65528 65529 -64 -65 257 1025 65537 34359738367 34359738368 36700160000 32768 0x8000 0011223344 00 0xff
0xffff 0xffffffff 1K 1k 4M 1G 4G 1.5M 100B 1KB 1E 16E 10kbit 1ms 5s 1us 1ns 500ns 1week infinity max forever
50% 0.5% 100% 100.5% 101% 0.05% 50‰ 5‱ 192.0.2.1%lo 802.1Q 802.1ad 802.1q 0.01% 99.99% 1‱ 1.5‱ 4294967295ns 4s
64K 128k 16M 64M 802.1AD 802.1ah 00112233445566778899aabbccddeeff 192.0.2.1 192.0.2.1/24 192.0.2.0/24
192.0.2.1/33 192.0.2.256 0.0.0.0 0.0.0.0/0 0.0.0.0/24 :: ::/0 ::/64 2001:db8::1 2001:db8::1/64 2001:db8::/32
2001:db8::1/129 fe80::1 fe80::1/64 fe80::1%lo 127.0.0.1 ::1 224.0.0.1 ff02::1 169.254.1.1 255.255.255.255
192.0.2.1:53 [2001:db8::1]:53 192.0.2.1#name 192.0.2.1:53%lo#dns.example.com 2001:db8::1@1 192.0.2.1@lo
192.0.2.1@lo:10 192.0.2.1:0 64:ff9b::/96 64:ff9b::/97 2001:db8::/65 1:2:3 12345:1:string:x 12345:1:uint8:5
1:1:1:1 fe80::1@lo 12:34:56 0a:0b:zz 239.0.0.1 ::1a:2b:3c:4d 00:00:5e:00:53:01 00-00-5e-00-53-01
0000.5e00.5301 00:00:5e:00:53 ff:ff:ff:ff:ff:ff 00:00:00:00:00:00 01:00:5e:00:00:01 0:0:5e:0:53:1
00:00:5e:00:53:01:02:03 4294.967295 1:00:00:00:00:00:01 x eth0 lo a-name-of-sixteen a-name-of-fifteen A x- x_y
localhost main local default unspec global link site host nowhere kernel boot static ra dhcp none auto any all
off low medium high tcp udp icmp ipv4 ipv6 both ipv4v6 root ingress clsact egress inherit bbr cubic unicast
degraded routable carrier CS4 CS6 multicast vendor link-layer link-layer-time uuid DUID-LL UTC normal reserved
unreachable table goto redirect udplite sctp esp ipv6ra missing no-carrier dormant degraded-carrier enslaved
slaac ipv6_ll page aabbcc a AAAA ipv4_link_local eui64 prefixstable KEY dhcp4 dhcp6 dhcp_pd ipv4_ll dhcp-pd
use self master router src-host aggressive atm besteffort diffserv4 dual-src-host p2p-go station ap
nearest-bridge dhcpv6 bridge br0 chap pap anonymous throw prohibit blackhole nat xresolve dynamic vlan 1.5
dns.example.com:51820 localhost:99999 a.b a/b a:b * eth* !eth0 example.com example.com. . .. ~. ~example.com
-x a..b 1.2 _dhcp ü ü.example 1-2 2-1 0-0 0-1 4094-4095 80-90 90-80 1:2 1: 100:1000 1:2,3:4 0x1/0xff 5/10 5/0
ffff: 8001:1 10000:1 off:routable degraded:routable routable:degraded degraded: foo:bar DUID-EN/Vendor
link-layer:x uuid:x Europe/Berlin Nowhere/Town https://example.com/mud http://example.com/ urn:x ftp://x
mailto:a@b 1:string:x 1:ipv6address:2001:db8::1 1:ipv6address:::1 6:uint32:4294967295 6:uint32:4294967296
254:string:x 6:string: auto@lo static@lo 1:0 1:256 1:257 5:1 0:1 8001: 10:ffff 0:0 _dhcp4 _dhcp6 _ipv6ra
enslaved:routable carrier:degraded missing:routable 65535:65536 4294967.295 4294967.296
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB= address:inet:filter:1foo address:inet:filter:foo-bar
address:inet:filter:foo_bar address:inet:filter:fffffffffffffffffffffffffffffff
address:inet:filter:ffffffffffffffffffffffffffffffff address:bridge:a:b address:arp:a:b address:netdev:a:b
address:ip:a:b address:inet:a:$b 0:1-2 10-20-30 4095-4096 65535-65536 1000-2000 @cred -1-1 1..2 1:uint8:5
255:uint8:5 0:uint8:5 256:string:x 1:uint8:256 6:ipv4address:192.0.2.1 1:foo:x 26:uint16:1400
6:ipv6address:::1 1:uint8 65536:string:x 300:uint8:5 string:x uint8:5 12:34
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= /etc/x
00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff static:::1:2:3:4 static:::1
prefixstable:2001:db8:: eui64:x prefixstable,00000000000000000000000000000001 prefix:inet:filter:foo
address:inet:filter:foo ifindex:inet:filter:foo address:ip6:filter:foo address:foo:filter:foo
address:inet:filter address:inet:fil-ter:f eq= KEY=value a=b=c =x @1 @ @lo @lo:1 @1:256 $x
`;

const TEXTS_WITH_BLANKS = [
  ...['1min 30s', '1 h 30', '1h30', '5 6', '1G 500M', '1 G', '500M 1G'],
  '192.0.2.1/24@lo 5',
  '192.0.2.1@lo 256',
  '192.0.2.1 256',
  '192.0.2.1 257',
  '192.0.2.1 0',
  'exa mple',
  'link-layer-time:2020-01-01 00:00:00 UTC',
  'not base64!',
];

// As long as something may be, and longer.
const LONG = [
  ...[31, 32, 64].map((length) => 'a'.repeat(length)),
  ...['x'.repeat(64), `${'x'.repeat(63)}.com`, 'x'.repeat(255), `${'x'.repeat(254)}.y`],
  ...[42, 43, 44].map((length) => 'A'.repeat(length)),
  ...['A=', 'B=', 'E='].map((end) => 'A'.repeat(42) + end),
  ...[31, 32].map((length) => `address:inet:filter:${'f'.repeat(length)}`),
];

/** Texts that some keys take and others do not. */
export const PROBED_TEXTS: readonly string[] = [...NUMBERS.map(String), ...TEXTS.trim().split(/\s+/)];

const VALUES: readonly Probe['value'][] = [
  ...[true, false],
  ...NUMBERS,
  ...TEXTS.trim().split(/\s+/),
  ...TEXTS_WITH_BLANKS,
  ...LONG,
];

/** Every value for every key that a version of systemd has: what some take, others do not. */
export function probesOf(format: NetworkFormat, version: number): Probe[] {
  return [...sectionsOf(format)].flatMap(([section, { multiple, keys }]) =>
    [...keys]
      .filter(([, { since, kind }]) => Number(since) <= version && kind !== 'variables')
      .flatMap(([key, entry]) =>
        [...new Set([...VALUES, ...(entry.enum ?? []), ...(entry.literals ?? [])])]
          .filter((value) => fitsOneLine(value, entry))
          .map((value) => ({ format, section, multiple, key, entry, value, text: textOf(value) })),
      ),
  );
}

// In a list, blanks part values, and so do commas in some.
const fitsOneLine = (value: Probe['value'], { list }: KeyEntry) => !(list && /[\s,]/.test(String(value)));
const textOf = (value: Probe['value']) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value));
