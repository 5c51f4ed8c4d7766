import { type Host, Image, Network, PodmanService, SystemdService } from 'bulkhead';
import { Lab } from '../../lib/lab';
import { hostRules, type Member } from '../../lib/network';
import type { Fleet } from './fleet';
import { interleave, type Measurement, type Sample } from './measure';

const FOREVER = ['/bin/sh', '-c', 'exec sleep 1000000'];
const PORTS = [80, 9] as const;

/** Namespaces of so many services that start at once, and as many units that do nothing. */
export async function networkStart(fleet: Fleet, count: number, rounds: number): Promise<Measurement> {
  const indices = Array.from({ length: count }, (_, index) => index);
  const stack = fleet.synthesize(`network-${count}`, (host: Host) => {
    const network = new Network(host, 'bench-start');
    for (const index of indices)
      new SystemdService(host, `n${index}`, { command: ['/usr/bin/sleep', '1000000'], network });
  });
  await fleet.apply(stack);
  const [ours, floor] = ['n', 'floor'].map((name) => indices.map((index) => `${name}${index}`).join(' ')) as [
    string,
    string,
  ];
  const networks = ours.replace(/\b(n\d+)\b/g, '$1-network');
  const unit = '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=true\\n';
  await fleet.script(
    `for n in ${floor}; do printf '${unit}' > /run/systemd/system/$n.service; done; systemctl daemon-reload`,
  );
  const started = async (units: string, stop: string): Promise<Sample> => {
    await fleet.script(`systemctl stop ${stop}`);
    return fleet.script(`systemctl start ${units}`);
  };
  const measurement = await interleave(
    rounds,
    () => started(networks, `${ours} ${networks}`),
    () => started(floor, floor),
  );
  await fleet.script(`systemctl stop ${floor}; rm /run/systemd/system/floor*.service; systemctl daemon-reload`);
  await fleet.destroy(stack);
  return measurement;
}

/** Half a gigabyte from one container to another: on a Network, and on podman's bridge. */
export function networkThroughput(fleet: Fleet, rounds: number): Promise<Measurement> {
  return betweenContainers(
    fleet,
    rounds,
    `nsenter -t "$server" -n socat -u TCP-LISTEN:9,reuseaddr OPEN:/dev/null & sleep 0.3
    dd if=/dev/zero bs=1M count=512 status=none | nsenter -t "$client" -n socat -u -b 1048576 - "TCP:$address:9"; wait`,
  );
}

/** A thousand HTTP requests, each on a connection of its own: on a Network, and on podman's bridge. */
export function networkRequests(fleet: Fleet, rounds: number): Promise<Measurement> {
  return betweenContainers(
    fleet,
    rounds,
    `nsenter -t "$server" -n busybox httpd -f -p 80 -h /etc/systemd & sleep 0.3
    nsenter -t "$client" -n curl -sS -o /dev/null "http://$address/system.conf?[1-1000]"; kill $!`,
  );
}

async function betweenContainers(fleet: Fleet, rounds: number, work: string): Promise<Measurement> {
  const image = Image.ociArchive(Lab.images().ociArchive);
  const stack = fleet.synthesize('network-containers', (host: Host) => {
    const network = new Network(host, 'bench-net');
    const props = { image, command: FOREVER, stopTimeout: '1s' } as const;
    const server = new PodmanService(host, 'net-server', { ...props, network, expose: PORTS });
    new PodmanService(host, 'net-client', { ...props, network, reaches: [server] });
    for (const name of ['bridge-server', 'bridge-client']) new PodmanService(host, name, props);
  });
  await fleet.apply(stack);
  const run = (kind: string) =>
    fleet.script(
      `pid() { podman inspect -f '{{.State.Pid}}' "$1"; }
      server=$(pid ${kind}-server) client=$(pid ${kind}-client)
      address=$(nsenter -t "$server" -n ip -4 -o addr show eth0 | sed 's|.* inet ||; s|/.*||')
      ${work}`,
    );
  const measurement = await interleave(
    rounds,
    () => run('net'),
    () => run('bridge'),
  );
  await fleet.destroy(stack);
  return measurement;
}

/** The rules of so many services, each with five, loaded in place of others; and an empty table. */
export async function networkRules(fleet: Fleet, count: number, rounds: number): Promise<Measurement> {
  const members = Array.from({ length: count }, (_, index): Member => {
    const [high, low] = [index >> 8, index & 255];
    const published = [{ protocol: 'tcp', host: String(10000 + index), container: '80' }] as const;
    const address6 = `fd00::${(index + 1).toString(16)}`;
    return { name: `s${index}`, names: [], address: `10.77.${high}.${low}`, address6, published };
  });
  const rules = members.flatMap((from, index) => [
    ...[1, 7, 70].map((step) => ({
      from,
      to: members[(index + step) % count] as Member,
      ports: { protocol: 'tcp', first: String(5000 + step), last: String(5000 + step) } as const,
    })),
    { from: 'host' as const, to: from, ports: { protocol: 'tcp', first: '80', last: '80' } as const },
    { from, to: 'internet' as const },
  ]);
  const text = hostRules({ name: 'bench', subnet: '10.77.0.0/16', subnet6: 'fd00::/64', members, rules });
  await fleet.ssh(['sh', '-c', 'cat > /run/rules.nft; nft -f /run/rules.nft'], { input: text });
  const empty = "nft 'add table inet bulkhead-bench; delete table inet bulkhead-bench; add table inet bulkhead-bench'";
  const measurement = await interleave(
    rounds,
    () => fleet.script('nft -f /run/rules.nft'),
    () => fleet.script(empty),
  );
  await fleet.script('nft delete table inet bulkhead-bench; rm /run/rules.nft');
  return measurement;
}
