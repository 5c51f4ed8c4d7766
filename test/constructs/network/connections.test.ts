import { type Connectable, type Host, Network, NspawnMachine, PodmanService, Port, SystemdService } from 'bulkhead';
import { networkDocument } from '../../../lib/network';
import { host, textOf } from '../testing';

interface Shop {
  readonly scope: Host;
  readonly network: Network;
  readonly db: SystemdService;
  readonly web: SystemdService;
}

function shop(props: { db?: object; web?: object } = {}): Shop {
  const scope = host();
  const network = new Network(scope, 'shop', { subnet: '10.9.0.0/16' });
  const command = ['/bin/x'];
  const db = new SystemdService(scope, 'db', { command, network, address: '10.9.0.2', ...props.db });
  const web = new SystemdService(scope, 'web', { command, network, address: '10.9.0.3', ...props.web });
  return { scope, network, db, web };
}

/** What may be opened, in words. */
function allowed(network: Network): string[] {
  const name = (party: { service: string } | string) => (typeof party === 'string' ? party : party.service);
  return networkDocument(network.model).allowed.map(({ from, to, ports }) =>
    `${name(from)} > ${name(to)} ${ports.join(', ')}`.trim(),
  );
}

test('nothing is allowed unless somebody says so', () => {
  const { network } = shop({ db: { expose: [5432] }, web: { ports: [80] } });
  expect(allowed(network)).toEqual([]);
});

test('both directions, the host and the internet can be allowed, each by itself', () => {
  const { network, db, web } = shop();
  db.connections.allowFrom(web, Port.tcp(5432)).allowFrom(web, Port.tcpRange(5430, 5440)).allowFromHost(Port.udp(1));
  web.connections.allowTo(db, Port.udp(53)).allowToHost(Port.tcp(25)).allowToInternet();
  expect(allowed(network).sort()).toEqual([
    'host > db udp 1',
    'web > db tcp 5430-5440, udp 53',
    'web > host tcp 25',
    'web > internet',
  ]);
});

test('a service reaches the ports that another one exposes or publishes, by its names', () => {
  const { network, db, web, scope } = shop({ db: { expose: [5432, '53/udp'], ports: ['80:8080'], aliases: ['sql'] } });
  const job = new PodmanService(scope, 'job', { image: 'localhost/x:1', network, reaches: [db] });
  expect(allowed(network)).toEqual(['job > db tcp 5432, tcp 8080, udp 53']);
  const hosts = (name: string) => textOf(name === 'job' ? job : web, `/etc/bulkhead/network/${name}/hosts`);
  expect(hosts('job')).toContain('\n10.9.0.2 db sql\n');
  expect(hosts('web')).not.toContain('db');
  expect(db.hostname).toBe('db');
});

test('a rule changes files that a reload takes over, and no others', () => {
  const texts = (rule: boolean) => {
    const { db, web, network } = shop();
    if (rule) db.connections.allowFrom(web, Port.tcp(5432));
    return [db, web, network].flatMap(({ manifest }) =>
      Object.entries(manifest.files).map(([path, { content }]) => [path, content] as const),
    );
  };
  const before = new Map(texts(false));
  const changed = texts(true).flatMap(([path, content]) => (before.get(path) === content ? [] : [path]));
  expect(changed.sort()).toEqual([
    '/etc/bulkhead/network/db/rules.nft',
    '/etc/bulkhead/network/shop/network.json',
    '/etc/bulkhead/network/shop/rules.nft',
    '/etc/bulkhead/network/web/hosts',
    '/etc/bulkhead/network/web/rules.nft',
  ]);
  const { db, network } = shop();
  expect(db.manifest.units['db-network.service']?.reloadOn).toEqual([
    '/etc/bulkhead/network/db/rules.nft',
    '/etc/bulkhead/network/db/hosts',
  ]);
  expect(network.manifest.units['shop-network.service']?.reloadOn).toEqual(['/etc/bulkhead/network/shop/rules.nft']);
});

test('services of two networks of a host reach each other where both know of it', () => {
  const { scope, db, network } = shop({ db: { expose: [5432] } });
  const other = new Network(scope, 'blog');
  new SystemdService(scope, 'page', { command: ['/bin/x'], network: other, reaches: [db] });
  expect([allowed(network), allowed(other)]).toEqual([['page > db tcp 5432'], ['page > db tcp 5432']]);
});

test.each<[string, (shop: Shop) => unknown, string]>([
  [
    'a service without a port',
    ({ scope, network, db }) => new SystemdService(scope, 'x', { command: ['/x'], network, reaches: [db] }),
    'Cannot connect to "shop/host/db": it does not say on which ports it listens, expected ports in its expose prop, or connections.allowFrom() with a port (at shop/host/db)',
  ],
  [
    'a service on the network of the host',
    ({ scope, web }) => web.connections.allowTo(new SystemdService(scope, 'x', { command: ['/x'] }), Port.tcp(1)),
    'Cannot connect "shop/host/x": it is not on a Network, expected network: host.network, or a Network of your own (at shop/host/x.network)',
  ],
  [
    'something else',
    ({ web }) => web.connections.allowTo('db' as unknown as Connectable, Port.tcp(1)),
    'Cannot connect to "db": is not a service that can be on a Network',
  ],
  ['a number', ({ web, db }) => web.connections.allowTo(db, 80 as unknown as Port), 'Cannot open 80: is not a Port'],
  [
    'a service of another host',
    ({ web }) => {
      const far = host({ address: 'ssh://far' });
      return web.connections.allowTo(new NspawnMachine(far, 'db', { root: '/srv/db' }), Port.tcp(1));
    },
    'expected a service on shop/host; publish a port to be reached from another host',
  ],
  ['a port out of range', () => Port.tcp(70000), 'Cannot open port 70000: is out of range, expected an integer from 1'],
  ['a range that goes down', () => Port.udpRange(9, 1), 'Cannot open ports "9-1": the first is higher than the last'],
])('%s is refused', (_, act, message) => {
  expect(() => act(shop())).toThrow(message);
});
