import { type Host, Network, Port, SystemdService } from 'bulkhead';
import { hardwareAddresses } from '../../../lib/network';
import { describeHost, inventory, lab } from '../host';
import { Deployment } from '../synth';
import { addOutside, removeOutside } from './outside';

jest.setTimeout(240_000);

const members = new Map<string, readonly [string, string]>();
const addressesOf = (name: string) => members.get(name) ?? ['', ''];

/** `w-api` may call a port of `w-db` and of the host, and somebody outside a datagram port of `w-web`. */
function build(host: Host): void {
  const network = new Network(host, 'w-net');
  const make = (name: string, props: object = {}) =>
    new SystemdService(host, name, { command: ['/usr/bin/sleep', 'infinity'], network, ...props });
  const db = make('w-db', { expose: [5432] });
  const api = make('w-api', { reaches: [db] });
  api.connections.allowToHost(Port.tcp(22));
  const web = make('w-web', { ports: ['8680:53/udp'] });
  for (const { connections } of [db, api, web]) {
    const { name, address, address6 } = connections.member();
    members.set(name, [address, address6]);
  }
}

/** The sum of RFC 1071, to which what is sent must come. */
const SUM = `
sub words { my $sum = 0; $sum += $_ for unpack 'n*', $_[0]; $sum }
sub complement { my $sum = $_[0]; $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16; ~$sum & 0xffff }`;

/** Sends a SYN and a datagram to every port of an address, and waits for no answer. */
const SWEEP = `
use Socket qw(:all);
${SUM}
my $is6 = $ARGV[0] =~ /:/;
my $family = $is6 ? AF_INET6 : AF_INET;
my $to = inet_pton($family, $ARGV[0]);
sub name { $is6 ? pack_sockaddr_in6($_[0], $to) : pack_sockaddr_in($_[0], $to) }
socket(my $route, $family, SOCK_DGRAM, 0); connect($route, name(9)) or die $!;
my $own = ($is6 ? unpack_sockaddr_in6(getsockname $route) : unpack_sockaddr_in(getsockname $route))[1];
socket(my $udp, $family, SOCK_DGRAM, 0); socket(my $tcp, $family, SOCK_RAW, IPPROTO_TCP) or die $!;
sub segment { pack 'nnNNCCnnn', 40000, $_[0], 1, 0, 0x50, 2, 1024, $_[1], 0 }
my $sum = words($own . $to . segment(0, 0)) + 20 + IPPROTO_TCP;
for my $port (1 .. 65535) {
  send($udp, 'x', 0, name($port));
  send($tcp, segment($port, complement($sum + $port)), 0, name(0));
  # A queue of the kernel takes a thousand packets.
  select(undef, undef, undef, 0.001) unless $port % 128;
}`;

/** Sends a frame with a SYN: from a hardware address to another one, from an address to another one, and a port. */
const FRAME = `
my ($ethernet, $own, $from, $to, $port) = @ARGV;
my @address = map { pack 'C4', split /\\./ } $from, $to;
my @hardware = map { pack 'H12', s/://gr } $ethernet, $own;
${SUM}
sub sum { pack 'n', complement(words($_[0])) }
my $tcp = pack 'nnNNCCnnn', 40000, $port, 1, 0, 0x50, 2, 1024, 0, 0;
substr($tcp, 16, 2) = sum(join('', @address) . pack('CCn', 0, 6, 20) . $tcp);
my $ip = pack 'CCnnnCCn', 0x45, 0, 40, 1, 0, 64, 6, 0;
$ip .= join '', @address; substr($ip, 10, 2) = sum($ip);
open my $file, '/sys/class/net/eth0/ifindex'; my $index = 0 + <$file>;
socket(my $raw, 17, 3, 0) or die $!;
my $link = pack 'SnlSCCa8', 17, 0x0800, $index, 0, 0, 6, $hardware[0];
send($raw, join('', @hardware) . pack('n', 0x0800) . $ip . $tcp, 0, $link) or die $!;`;

/** Records what new connections arrive at a namespace before its own rules, or at the host behind the rules. */
const record = (at: string) =>
  lab.sh(
    `in="ip netns exec $1" chain='hook prerouting priority -150; ct state new'
    [ "$1" != host ] || { in=; chain='hook input priority 100; iifname "bh-w-*" ct state new'; }
    $in nft delete table inet w-seen 2>/dev/null || :
    $in nft "table inet w-seen {
      set seen { type nf_proto . inet_proto . inet_service; flags dynamic; size 200000; }
      chain arriving { type filter $chain meta l4proto { tcp, udp } add @seen { meta nfproto . meta l4proto . th dport }; }
    }"`,
    at,
  );

/** Numbers of address families and protocols. */
const WORDS: Readonly<Record<number, string>> = { 2: 'ipv4', 10: 'ipv6', 6: 'tcp', 17: 'udp' };

/** What arrived since then: `ipv4 tcp 5432`. */
async function seen(at: string): Promise<string[]> {
  const list = await lab.sh(
    'in="ip netns exec $1"; [ "$1" != host ] || in=; $in nft -n -j list set inet w-seen seen; $in nft delete table inet w-seen',
    at,
  );
  const set = JSON.parse(list).nftables.find((one: object) => 'set' in one)?.set;
  return (set.elem ?? [])
    .map(({ concat }: { concat: number[] }) =>
      concat.map((number, index) => (index < 2 ? WORDS[number] : number)).join(' '),
    )
    .sort();
}

/** Sends to all ports of addresses, as root of a service does that has deleted the service's own rules. */
async function sweep(from: string, to: readonly string[], at: readonly string[]): Promise<string[][]> {
  await Promise.all(at.map(record));
  await lab.sh(
    'sweep=$1 from=$2; shift 2; for address; do ip netns exec "$from" perl -e "$sweep" "$address" & done; wait',
    SWEEP,
    from,
    ...to,
  );
  return Promise.all(at.map(seen));
}

describeHost('what arrives', () => {
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    before = await inventory();
    await addOutside();
    deployment = new Deployment('network-sweep-test', build);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await removeOutside();
    expect(await inventory()).toBe(before);
  });
  const services = ['bh-w-db', 'bh-w-api', 'bh-w-web'];

  test('from outside is what is published, of all ports of the host', async () => {
    expect(await sweep('outside', ['192.0.2.1', '2001:db8::1'], services)).toEqual([
      [],
      [],
      ['ipv4 udp 53', 'ipv6 udp 53'],
    ]);
  });

  test('from outside is nothing, of all ports of a service', async () => {
    expect(await sweep('outside', addressesOf('w-db'), services)).toEqual([[], [], []]);
  });

  test('from a service is what is allowed, of all ports of neighbours and the host', async () => {
    await lab.sh('ip netns exec bh-w-api nft flush ruleset');
    const [, web] = addressesOf('w-web');
    const to = [...addressesOf('w-db'), web, '169.254.1.1', '2001:db8::1', '192.0.2.2'];
    const at = ['bh-w-db', 'bh-w-web', 'host', 'outside'];
    expect(await sweep('bh-w-api', to, at)).toEqual([
      ['ipv4 tcp 5432', 'ipv6 tcp 5432'],
      [],
      ['ipv4 tcp 22', 'ipv6 tcp 22'],
      [],
    ]);
    await lab.sh('systemctl restart w-api-network');
  });

  test('in raw frames is what is allowed, from the address of who sends them through the host', async () => {
    const [db, api] = ['w-db', 'w-api'].map((name) => addressesOf(name)[0]) as [string, string];
    const hardware = (name: string) => hardwareAddresses(`bh-${name}`);
    const frame = async (sender: string, ethernet: string, from: string) => {
      await record('bh-w-db');
      const own = hardware(sender).inside;
      await lab.sh(
        'ip netns exec "$1" perl -e "$2" "$3" "$4" "$5" "$6" 5432',
        `bh-${sender}`,
        FRAME,
        ethernet,
        own,
        from,
        db,
      );
      return seen('bh-w-db');
    };
    expect(await frame('w-api', hardware('w-api').host, api)).toEqual(['ipv4 tcp 5432']);
    // With the address of another service, past the host, and to everybody.
    expect(await frame('w-web', hardware('w-web').host, api)).toEqual([]);
    expect(await frame('w-api', hardware('w-db').inside, api)).toEqual([]);
    expect(await frame('w-api', hardware('w-db').host, api)).toEqual([]);
    expect(await frame('w-api', 'ff:ff:ff:ff:ff:ff', api)).toEqual([]);
  });
});
