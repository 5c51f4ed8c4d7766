import { CATALOGS, type KeyEntry, sectionsOf } from '../../../lib/directives/catalog';
import { PROBED_TEXTS } from './network-values';

/** One value for one key of a unit, right or wrong. */
export interface UnitProbe {
  readonly section: string;
  readonly key: string;
  readonly entry: KeyEntry;
  /** As it stands in the file. */
  readonly text: string;
}

const TEXTS = `
syslog syslog+console /a /a/b -/a +/a -+/a !/a |/a |!/a ./a a/../b ../a ~ a:b a:b:c /a:/b /a:/b:ro /a:/b:rbind :/a
/a:rw /a:foo fd:x file:/x file:x append:/x truncate:/x tty:x user net ~user ~net user:net cgroup mnt AF_INET AF_FOO
inet ~AF_INET CAP_CHOWN cap_chown ~CAP_CHOWN CAP_BOGUS CHOWN all native x86-64 arm64 z80 SIGTERM TERM 15 SIGRTMIN+3
SIGFOO 64 @system-service @nothing read read:EPERM ~read:EPERM ~read:5 EPERM EFOO kill log 133 a.service a.socket
a.target a@b.service a@.service a.foo a b.slice -.slice a-b.slice http://a.b https://a.b/c file:/a info:a man:a(5)
man: no-url ftp://a realtime best-effort idle fifo rr batch other ext 7 19 20 -20 -21 99 255 4096 journal null
socket data kmsg console auto strict full read-only tmpfs disconnected private yes:host self identity managed
keyring shared exec inherit notify oneshot simple forking dbus notify-reload on-failure always on-success mixed
control-group process none main daily weekly *-*-* *-*-*/2 *-31/2147483640 @1 @88588582097858858 Mon..Fri mon,tue
12:00 *:0/15 *-*-01 *-13-01 *-*-32 25:00 12:60 12:00:61 2200-01-01 2019-01-01 1969-01-01 *-*~1 *-*~0 Mon..Foo 0/0:0
0..5:0 5..0:0 0:0/0 *:*:0.5 *:*:0/0.0000001 1..3/2:0 minutely hourly/2 12:00/UTC [::]:80 [::1]:80%lo 1.2.3.4:80
1.2.3.4 80 0 65536 @abstract /run/x vsock:2:80 vsock::80 vsock:2:0 vsock-stream:2:80 vsock-dgram:2:1 localhost:80
host nonsense route route/1 audit kobject-uevent generic tcp udp mptcp sctp udplite low-delay throughput 0x10 lo
veth0-altname-with-more-than-15-chars /dev/null /dev/sda:5 char-pts block-sd /dev/null:rw char-* any link-local
multicast localhost ipv4:80 ipv6:tcp:80-90 tcp:80 ipv4:tcp udp:any 90-80 80-90 ip4:80 numa 0-3 0,2 3-1 8191 8192
all bind default local preferred SECURE keep-caps noroot keep-caps-locked foo A=b A 1A=b A-B=c a=b PATH x:y x:/y
id:data id:/path id /path id:x:y u:r:t -u:r:t /a=b 50% 150% 12.5% 0% 100% infinity 1K 1M 1.5G 1KB 1e6 8K:16K
100:50 1:infinity infinity:1 600 0600 7777 77777 9 u=rwx 8M lower:upper a=1 reboot poweroff-force kexec halt
fail replace isolate replace-irreversibly ignore-dependencies flush inactive inactive-or-failed root 0-5 a_b a.b
a.b.c org.example.Name :1.5 .a a. UTF-8 pid /proc/self /dev/tty1 ptrace noaccess invisible 1: :1 1:1:1 2:1 -1 +1
2147483648 -2147483649 9223372036854775807 9223372036854775808 18446744073709551616 1s 1ms 5min 1h30 5parsec 0s
on off YES False maybe y n t f 2 0b101 0o17 08 007 0x 1_000 0xZZ
`;

const SPACED = [
  'a b',
  '1min 30s',
  'Mon *-*-* 12:00',
  '12:00 UTC',
  '12:00 Nowhere/Town',
  '2020-01-01 12:00 Europe/Berlin',
  'sat,thu, mon 0:1',
  'route 1',
  'route x',
  'audit 5',
  'foo 1',
  '/dev/sda 10M',
  '/dev/sda rw',
  '/dev/sda x',
  '/dev/sda 100',
  '/dev/sda 5s',
  '/a b',
  ' ',
];

const TYPES: Readonly<Record<string, string>> = {
  Unit: 'service',
  Service: 'service',
  Slice: 'slice',
  Timer: 'timer',
  Path: 'path',
  Socket: 'socket',
  Swap: 'swap',
  Mount: 'mount',
  Automount: 'automount',
};

/** The type of unit that has a section. */
export const typeOfSection = (section: string): string => TYPES[section] ?? 'service';

/** Every text for every key that a version of systemd has in its unit files, keys of several sections once. */
export function unitProbes(version: number): UnitProbe[] {
  const texts = [...new Set([...TEXTS.trim().split(/\s+/), ...PROBED_TEXTS])];
  const mixins = Object.values(CATALOGS.unit.mixins ?? {}).flatMap(({ keys }) => Object.keys(keys));
  return [...sectionsOf('unit')]
    .filter(([section]) => TYPES[section])
    .flatMap(([section, { keys }]) =>
      [...keys]
        .filter(
          ([key, { since = 0, ignoredSince = Number.POSITIVE_INFINITY }]) =>
            Number(since) <= version && ignoredSince > version && (section === 'Service' || !mixins.includes(key)),
        )
        .flatMap(([key, entry]) => {
          const own = [...(entry.enum ?? []), ...(entry.literals ?? [])];
          const spaced = entry.list ? [] : SPACED;
          return [...new Set([...texts, ...own, ...spaced])]
            .filter((text) => fits(text, entry))
            .map((text) => ({ section, key, entry, text }));
        }),
    );
}

// A list takes its values one by one, and commands and variables are words of any kind.
const fits = (text: string, { list, kind, negate }: KeyEntry) =>
  kind !== 'command' && !(list === 'comma' && text.includes(',')) && !(negate && text.startsWith(negate));
