import { type Host, Network, Port, SystemdService } from 'bulkhead';
import { formatAddress, parseAddress } from '../../../lib/network';
import { describeHost, inventory, lab } from '../host';
import { Deployment } from '../synth';
import { HEAR } from './hear';
import { addOutside, removeOutside } from './outside';

/** Answers with its name and the address of who asks. socat may lose what a program says that ends at once. */
const answer = (name: string, more = '') => `SYSTEM:'echo ${name} $SOCAT_PEERADDR${more}'`;
const COMMAND = (name: string) => [
  '/usr/bin/sh',
  '-c',
  `for port in 80 5432 6000; do /usr/bin/socat "TCP6-LISTEN:$port,ipv6only=0,reuseaddr,fork" "$1" & done
  exec /usr/bin/socat UDP6-RECVFROM:53,ipv6only=0,fork "$2"`,
  'sh',
  answer(name, '; cat >/dev/null'),
  answer(name),
];

const addresses = new Map<string, string>();

function build(host: Host): void {
  const network = new Network(host, 'r-net');
  const make = (name: string, props: object = {}) =>
    new SystemdService(host, name, { command: COMMAND(name), network, ...props });
  const db = make('r-db', { expose: [5432] });
  const api = make('r-api', { reaches: [db] });
  const web = make('r-web', {
    ports: [
      '8480:80',
      '8480:53/udp',
      { host: 8481, container: 80, from: ['192.0.2.0/24', '192.0.2.0/25'] },
      { host: 8482, container: 80, from: ['198.51.100.0/24', '2001:db8::/32'] },
      '192.0.2.1:8483:80',
      '127.0.0.1:8484:80',
    ],
  });
  api.connections.allowFromHost(Port.tcp(6000));
  db.connections.allowToHost(Port.tcp(22)).allowToInternet();
  new SystemdService(host, 'r-lone', { command: ['/usr/bin/sleep', 'infinity'], network: 'none' });
  for (const { serviceName, address } of [db, api, web]) addresses.set(serviceName, address);
}

/** What somebody hears, `at` a network namespace or the host, from an address. A datagram may be lost on a busy machine. */
async function ask(at: string, target: string): Promise<string> {
  const script = `
    in=; [ "$1" = host ] || in="ip netns exec $1"
    case $2 in
      TCP*) answer=$($in sh -c "$3" sh "$4" "$5") ;;
      UDP*)
        for try in 1 2 3 4 5; do
          answer=$(echo | $in timeout 8 socat -T 2 -t 2 - "$2" 2>/dev/null || :)
          [ -z "$answer" ] || break
        done ;;
    esac
    echo "\${answer:-refused}"`;
  const [, host = '', port = ''] = /^TCP:\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
  const answered = (await lab.sh(script, at, target, `${HEAR}; hear "$1" "$2"`, host, port)).trim();
  // socat writes an address of IPv4 on a socket of IPv6 in full.
  return answered.replace(/\[([0-9a-f:]+)\]/, (_, address: string) => {
    const number = parseAddress(address) ?? 0n;
    return number >> 32n === 0xffffn ? formatAddress(number & 0xffffffffn, 4) : formatAddress(number, 6);
  });
}
const tcp = (address: string | undefined, port: number) => `TCP:${address}:${port}`;

/** Ports of TCP that are open at an address, of all there are. */
async function open(at: string, address: string): Promise<number[]> {
  const found = await lab.sh('ip netns exec "$1" perl -e "$2" "$3"', at, SCAN, address);
  return found.trim().split(/\s+/).filter(Boolean).map(Number);
}
// A closed port answers at once.
const SCAN = `
use Socket;
my $to = inet_aton($ARGV[0]);
for my $port (1 .. 65535) {
  socket(my $s, PF_INET, SOCK_STREAM, 0); setsockopt($s, SOL_SOCKET, SO_SNDTIMEO, pack('qq', 5, 0));
  print "$port\\n" if connect($s, sockaddr_in($port, $to));
}`;

const LISTEN_OUTSIDE = `
  systemd-run --quiet --collect --unit r-outside -p NetworkNamespacePath=/run/netns/outside socat TCP-LISTEN:9000,reuseaddr,fork SYSTEM:'echo outside $SOCAT_PEERADDR; cat >/dev/null'`;

describeHost('the rules of a network', () => {
  let before: string;
  let openBefore: number[];
  let deployment: Deployment;
  beforeAll(async () => {
    before = await inventory();
    await addOutside();
    await lab.sh(LISTEN_OUTSIDE);
    openBefore = await open('outside', '192.0.2.1');
    deployment = new Deployment('network-rules-test', build);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await lab.sh('systemctl stop r-outside');
    await removeOutside();
    expect(await inventory()).toBe(before);
  });

  test('a scan from outside finds what is published for it, and nothing else', async () => {
    expect(await open('outside', '192.0.2.1')).toEqual([...openBefore, 8480, 8481, 8483].sort((a, b) => a - b));
  });

  test('a service that is called directly from outside does not answer', async () => {
    const answers = [...addresses.values()].map((address) => ask('outside', tcp(address, 80)));
    expect(await Promise.all(answers)).toEqual(answers.map(() => 'refused'));
  });

  test('a scan from inside finds what is allowed, and nothing else', async () => {
    const [db = '', web = ''] = ['r-db', 'r-web'].map((name) => addresses.get(name));
    const scans = [
      ['bh-r-api', db, [5432]],
      ['bh-r-api', web, []],
      ['bh-r-api', '169.254.1.1', []],
      ['bh-r-api', '192.0.2.1', []],
      ['bh-r-db', '169.254.1.1', [22]],
    ] as const;
    const found = await Promise.all(scans.map(([at, address]) => open(at, address)));
    expect(found).toEqual(scans.map(([, , ports]) => ports));
  });

  test.each([
    ['outside', 'TCP:192.0.2.1:8480', 'r-web 192.0.2.2'],
    ['outside', 'TCP:[2001:db8::1]:8480', 'r-web 2001:db8::2'],
    ['outside', 'UDP:192.0.2.1:8480', 'r-web 192.0.2.2'],
    ['outside', 'UDP:[2001:db8::1]:8480', 'r-web 2001:db8::2'],
    ['outside', 'TCP:192.0.2.1:8481', 'r-web 192.0.2.2'],
    ['outside', 'TCP:[2001:db8::1]:8481', 'refused'],
    ['outside', 'TCP:192.0.2.1:8482', 'refused'],
    ['outside', 'TCP:[2001:db8::1]:8482', 'r-web 2001:db8::2'],
    ['outside', 'TCP:192.0.2.1:8484', 'refused'],
    ['host', 'TCP:127.0.0.1:8480', 'r-web 169.254.1.1'],
    ['host', 'UDP:127.0.0.1:8480', 'r-web 169.254.1.1'],
    ['host', 'TCP:192.0.2.1:8480', 'r-web 192.0.2.1'],
    ['host', 'TCP:[2001:db8::1]:8480', 'r-web 2001:db8::1'],
    ['host', 'TCP:127.0.0.1:8482', 'r-web 169.254.1.1'],
    ['host', 'TCP:127.0.0.1:8483', 'refused'],
    ['host', 'TCP:127.0.0.1:8484', 'r-web 169.254.1.1'],
    ['bh-r-web', 'TCP:192.0.2.1:8480', 'r-web 169.254.1.1'],
    ['bh-r-api', 'TCP:192.0.2.1:8480', 'refused'],
  ])('%s gets from the published port %s: %s', async (at, target, answered) => {
    expect(await ask(at, target)).toBe(answered);
  });

  test('the host reaches what it may alone', async () => {
    expect(await ask('host', tcp(addresses.get('r-api'), 6000))).toMatch(/^r-api /);
    expect(await ask('host', tcp(addresses.get('r-api'), 80))).toBe('refused');
    expect(await ask('host', tcp(addresses.get('r-db'), 5432))).toBe('refused');
  });

  test('what may leave the host does so with its address, and nothing else leaves', async () => {
    expect(await ask('bh-r-db', tcp('192.0.2.2', 9000))).toBe('outside 192.0.2.1');
    expect(await ask('bh-r-api', tcp('192.0.2.2', 9000))).toBe('refused');
    expect(await ask('bh-r-db', tcp(addresses.get('r-web'), 80))).toBe('refused');
  });

  test('a service without a network has its loopback alone', async () => {
    expect(await lab.sh('nsenter -t "$(systemctl show -P MainPID r-lone)" -n ip -br link')).toMatch(/^lo .*\n$/);
  });

  // Only root of the host can do this in a namespace.
  test('a service that takes the address of another, or sends other frames, reaches nobody', async () => {
    const [db, own] = [addresses.get('r-db'), addresses.get('r-api')];
    const spoof = `
      nft flush ruleset 2>/dev/null; ip addr add "$2/32" dev eth0
      echo | socat -T 2 - "TCP:$1:5432,bind=$2,connect-timeout=10" 2>/dev/null || echo refused
      ip link add link eth0 name tagged type vlan id 5 && ip link set tagged up && ip route add "$1/32" dev tagged
      echo | socat -T 2 - "TCP:$1:5432,bind=$2,connect-timeout=10" 2>/dev/null || echo refused
      ip link delete tagged; ip addr del "$2/32" dev eth0`;
    expect(await lab.sh('exec ip netns exec bh-r-web sh -c "$1" sh "$2" "$3"', spoof, db ?? '', own ?? '')).toBe(
      'refused\nrefused\n',
    );
    await lab.sh('systemctl restart r-web-network r-web');
    expect(await ask('bh-r-api', tcp(db, 5432))).toMatch(/^r-db /);
  });

  test('a service does not reach the loopback of the host', async () => {
    const reach = `
      nft flush ruleset; ip addr flush dev lo; echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet
      ip route add 127.0.0.53 via 169.254.1.1 dev eth0
      echo | socat -T 2 - TCP:127.0.0.53:22,connect-timeout=10 2>/dev/null || echo refused`;
    expect(await lab.sh('exec ip netns exec bh-r-api sh -c "$1"', reach)).toBe('refused\n');
    await lab.sh('systemctl restart r-api-network r-api');
  });
});
