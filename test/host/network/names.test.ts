import { type Connectable, type Host, Network } from 'bulkhead';
import { describeHost, inventory, lab } from '../host';
import { Deployment } from '../synth';
import { HEAR } from './hear';
import { addOutside, removeOutside } from './outside';
import { RUNTIMES } from './runtimes';

const NAMES = ['systemd', 'container', 'pod', 'program'] as const;

function build(host: Host): void {
  const network = new Network(host, 's-net', { hostNames: true });
  let first: Connectable | undefined;
  for (const runtime of NAMES) {
    const service = RUNTIMES[runtime]?.create(host, `s-${runtime}`, { network });
    service?.connections.allowToInternet();
    if (runtime !== 'program') service?.connections.allowFromHost();
    first = first ?? service;
  }
  const closed = RUNTIMES.systemd?.create(host, 's-closed', { network });
  if (first) closed?.connections.reach([first]);
}

/** Answers whatever is asked with the address 203.0.113.LAST. */
const SERVER = `
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '192.0.2.2:53', Proto => 'udp') or die $!;
while (my $peer = $server->recv(my $query, 512)) {
  my ($id) = unpack 'n', $query;
  my ($name) = substr($query, 12) =~ /^([^\\0]*\\0)/;
  my ($type) = unpack 'n', substr($query, 12 + length $name);
  my $question = $name . pack('nn', $type, 1);
  my $answer = $type == 1 ? pack('nnnNn', 0xc00c, 1, 1, 60, 4) . pack('C4', 203, 0, 113, $ARGV[0]) : '';
  $server->send(pack('n6', $id, 0x8180, 1, $answer ? 1 : 0, 0, 0) . $question . $answer);
}`;

const serve = (last: number) =>
  lab.sh(
    `systemctl stop s-server 2>/dev/null || :
    systemd-run --quiet --collect --unit s-server -p NetworkNamespacePath=/run/netns/outside perl -e "$1" "$2"`,
    SERVER,
    `${last}`,
  );

/** The address that a service finds for a name, once it is the expected one. */
const resolve = (runtime: (typeof NAMES)[number], last: string) =>
  lab.sh(
    `for try in $(seq 20); do
      found=$(timeout 20 nsenter -t "$(${RUNTIMES[runtime]?.pid})" -m -n /usr/bin/getent ahostsv4 example.test | awk '{print $1}' | sort -u)
      [ "$found" != "203.0.113.$2" ] || break
      sleep 0.5
    done
    echo "$found"`,
    `s-${runtime}`,
    last,
  );

/** Our lines in the hosts(5) of the host, by the names that they end with. */
const ours = () =>
  lab.sh(`sed -n 's/^[^ ]* \\(.*\\) # bulkhead s-net$/\\1/p' /etc/hosts | sort | uniq -c | awk '{print $1, $2}'`);
const OURS = '2 s-container\n2 s-pod\n2 s-systemd\n';
const seen = (pattern: string) =>
  lab.sh(
    `for try in $(seq 50); do ! nsenter -t "$(systemctl show -P MainPID s-closed)" -m grep "$1" /etc/hosts || exit 0; sleep 0.2; done`,
    pattern,
  );

describeHost('names of a network', () => {
  let before: string;
  let hosts: string;
  let deployment: Deployment;
  beforeAll(async () => {
    before = await inventory();
    hosts = await lab.sh('stat -c "%a %U %G" /etc/hosts; cat /etc/hosts');
    await addOutside();
    await serve(1);
    await lab.sh('cp /etc/resolv.conf /root/s-resolv.conf; echo nameserver 192.0.2.2 > /etc/resolv.conf');
    deployment = new Deployment('name-servers-test', build);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await lab.sh(`systemctl stop s-server; rm -rf /run/systemd/resolve
      rm /etc/resolv.conf; mv /root/s-resolv.conf /etc/resolv.conf`);
    await removeOutside();
    expect(await lab.sh('stat -c "%a %U %G" /etc/hosts; cat /etc/hosts')).toBe(hosts);
    expect(await inventory()).toBe(before);
  });

  test('the host knows what it may reach', async () => {
    expect(await ours()).toBe(OURS);
    expect(await lab.sh(`${HEAR}; hear s-systemd 7000`)).toBe('s-systemd\n');
  });

  test('lines of others in the hosts file stay, ours come back, and services keep their own file', async () => {
    await lab.sh("sed -i -e '1i 192.0.2.9 theirs' -e '/ s-pod /d' /etc/hosts; printf '192.0.2.9 last' >> /etc/hosts");
    expect(await seen(' s-systemd$')).toContain(' s-systemd\n');
    expect(
      await lab.sh(
        'for try in $(seq 50); do ! grep -q " s-pod " /etc/hosts || break; sleep 0.2; done; head -n 1 /etc/hosts; grep last /etc/hosts',
      ),
    ).toBe('192.0.2.9 theirs\n192.0.2.9 last\n');
    expect(await ours()).toBe(OURS);
    expect(await deployment.differences()).toEqual([]);
    await lab.sh("sed -i '/^192.0.2.9 /d' /etc/hosts");
    expect(await seen(' s-systemd$')).toContain(' s-systemd\n');
  });

  test.each(NAMES)('%s asks the server of the host', async (runtime) => {
    expect(await resolve(runtime, '1')).toBe('203.0.113.1\n');
  });

  test('what may not leave the host asks nobody, and is told at once', async () => {
    expect(
      await lab.sh(
        'nsenter -t "$(systemctl show -P MainPID s-closed)" -m -n timeout 4 getent ahostsv4 example.test || echo "$?"',
      ),
    ).toBe('2\n');
  });

  test('servers that resolved asks replace the address at which it answers, also in services that run', async () => {
    const units = () => lab.sh('systemctl show -P InvocationID s-systemd s-container s-program');
    const held = await units();
    await serve(2);
    await lab.sh(`mkdir /run/systemd/resolve
      printf 'nameserver 127.0.0.53\\noptions edns0 trust-ad\\nsearch .\\n' > /run/systemd/resolve/stub-resolv.conf
      ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
      printf 'nameserver ::1\\nnameserver 192.0.2.2\\nsearch .\\n' > /run/systemd/resolve/new
      mv /run/systemd/resolve/new /run/systemd/resolve/resolv.conf
      for try in $(seq 50); do ! grep -q '^search' /run/bulkhead/network/s-net/resolv.conf || exit 0; sleep 0.2; done; exit 1`);
    expect(await lab.sh('cat /run/bulkhead/network/s-net/resolv.conf')).toBe('nameserver 192.0.2.2\nsearch .\n');
    for (const runtime of NAMES) expect(await resolve(runtime, '2')).toBe('203.0.113.2\n');
    expect(await units()).toBe(held);
    expect(await deployment.differences()).toEqual([]);
  });
});
