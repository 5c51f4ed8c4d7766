import { execFileSync } from 'node:child_process';
import { Host, Network, NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { app, host, problemsOf, section, stack, textOf } from '../testing';

const UNIT = '/etc/systemd/system/shop-network.service';
const DIRECTORY = '/etc/bulkhead/network/shop';
const RULES = `${DIRECTORY}/rules.nft`;
const service = (scope: Host, id: string, network: Network, props: object = {}) =>
  new SystemdService(scope, id, { command: ['/bin/x'], network, ...props });

test('a network is a unit that loads its rules, and takes new ones over by a reload', () => {
  const network = new Network(host(), 'shop');
  const lines = section(textOf(network, UNIT), 'Service');
  expect(lines).toEqual(
    expect.arrayContaining([`ExecStart=nft -f ${RULES}`, `ExecReload=nft -f ${RULES}`, 'RemainAfterExit=yes']),
  );
  expect(network.manifest.units).toEqual({
    'shop-network.service': {
      state: 'active',
      enabled: true,
      restartOn: [UNIT, `${DIRECTORY}/host.sh`, `${DIRECTORY}/names.sh`, `${DIRECTORY}/firewalld.xml`],
      reloadOn: [RULES],
    },
    'shop-names.path': { state: 'active', enabled: true, restartOn: ['/etc/systemd/system/shop-names.path'] },
    'shop-names.service': { enabled: true, restartOn: [] },
  });
  expect(problemsOf(network)).toEqual([]);
});

test('its rules come back whenever nftables.service has flushed them', () => {
  const network = new Network(host(), 'shop');
  const dropIn = textOf(network, '/etc/systemd/system/nftables.service.d/shop-network.conf');
  expect(section(dropIn, 'Service')).toEqual(
    ['ExecStartPost', 'ExecReload', 'ExecStopPost'].map((key) => `${key}=-nft -f ${RULES}`),
  );
});

test('what it changes of its host is a script that a shell understands', () => {
  const network = new Network(host(), 'shop');
  const script = textOf(network, '/etc/bulkhead/network/shop/host.sh');
  execFileSync('sh', ['-n'], { input: script });
  const start = `sh -e /etc/bulkhead/network/shop/host.sh start shop ${network.subnet} ${network.subnet6}`;
  expect(section(textOf(network, UNIT), 'Service')).toEqual(
    expect.arrayContaining([`ExecStart=${start}`, `ExecStopPost=-${start.replace('start', 'stop')}`]),
  );
});

test('the names and name servers of the host are watched, and mounted again over files that somebody replaced', () => {
  const network = new Network(host(), 'shop');
  service(network.host, 'web', network);
  service(network.host, 'own', network, { root: '/srv/own' });
  new PodmanService(network.host, 'box', { image: 'localhost/x:1', network });
  expect(section(textOf(network, '/etc/systemd/system/shop-names.path'), 'Path')).toContain('PathChanged=/etc/hosts');
  expect(textOf(network, `${DIRECTORY}/mounts`)).toBe(
    'web.service /run/bulkhead/network/web/hosts /etc/hosts\nweb.service /run/bulkhead/network/shop/resolv.conf /etc/resolv.conf\n',
  );
  execFileSync('sh', ['-n'], { input: textOf(network, `${DIRECTORY}/names.sh`) });
  expect(problemsOf(network)).toEqual([]);
});

test('the host gets names of what it may reach when it asks for them', () => {
  const network = new Network(host(), 'shop', { hostNames: true, subnet: '10.9.0.0/24', subnet6: 'fd09::/64' });
  const db = service(network.host, 'db', network, { address: '10.9.0.7', expose: [5432], aliases: ['sql'] });
  service(network.host, 'web', network);
  expect(textOf(network, `${DIRECTORY}/host-names`)).toBe('');
  db.connections.allowFromHost();
  expect(textOf(network, `${DIRECTORY}/host-names`)).toBe(
    '10.9.0.7 db sql # bulkhead shop\nfd09::a09:7 db sql # bulkhead shop\n',
  );
  expect(network.manifest.units['shop-network.service']?.reloadOn).toContain(`${DIRECTORY}/host-names`);
});

test('its subnets follow from the names of host and network, unless they are given', () => {
  const [one, same] = [host(), host()].map((scope) => new Network(scope, 'shop'));
  const other = new Network(one?.host as Host, 'blog');
  expect([one?.subnet, one?.subnet6]).toEqual([same?.subnet, same?.subnet6]);
  expect(other.subnet6).not.toBe(one?.subnet6);
  const given = new Network(host(), 'shop', { subnet: '10.9.0.0/24', subnet6: 'FD09:0::/64' });
  expect([given.subnet, given.subnet6]).toEqual(['10.9.0.0/24', 'fd09::/64']);
  const web = service(given.host, 'web', given, { address: '10.9.0.7' });
  expect(web.address).toBe('10.9.0.7');
  expect(given.model.members[0]?.address6).toBe('fd09::a09:7');
});

test.each([
  [{ subnet: '10.9.0.0/30' }, 'Cannot use subnet "10.9.0.0/30": is not an IPv4 network'],
  [{ subnet6: 'fd09::/112' }, 'Cannot use subnet "fd09::/112": is not an IPv6 network with room for 32 bits'],
  [{ subnet6: '10.0.0.0/8' }, 'expected its first address and a length of at most 96, such as'],
])('%j is refused', (props, message) => {
  expect(() => new Network(host(), 'shop', props)).toThrow(message);
});

test('two networks of a host that overlap are refused, naming both', () => {
  const shop = stack();
  const [one, two] = ['a', 'b'].map((id) => new Host(shop, id, { address: 'local' })) as [Host, Host];
  new Network(one, 'shop', { subnet: '10.9.0.0/16' });
  new Network(two, 'blog', { subnet: '10.9.4.0/24' });
  expect(problemsOf(shop)).toEqual([
    'Cannot place "blog": the subnet 10.9.4.0/24 is taken by shop/a/shop, expected another value of the subnet prop (at shop/b/blog)',
  ]);
});

test('an address stays when services come and go, and one that can not is warned of', () => {
  const addresses = (...ids: string[]) => {
    const scope = host();
    const network = new Network(scope, 'shop');
    return Object.fromEntries(ids.map((id) => [id, service(scope, id, network).address]));
  };
  const all = addresses('db', 'api', 'web');
  expect(addresses('web')).toEqual({ web: all.web });
  expect(addresses('other', 'web', 'db')).toMatchObject({ web: all.web, db: all.db });
  const scope = host();
  const small = new Network(scope, 'shop', { subnet: '10.0.0.0/29' });
  const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => service(scope, id, small));
  const warnings = six.flatMap(({ node }) => node.metadata.map(({ data }) => data));
  expect(warnings).toContainEqual(
    expect.stringMatching(
      /^gets the address 10\.0\.0\.\d, since shop\/host\/\w has the address that follows from its name/,
    ),
  );
});

test('the network of a host is made when it is first used, and is one of its stack', () => {
  const root = app();
  const [one, two] = ['shop', 'blog'].map((id) => new Host(stack(id, root), 'host', { address: 'local' })) as [
    Host,
    Host,
  ];
  new PodmanService(one, 'web', { image: 'localhost/x:1' });
  expect(one.services).toHaveLength(1);
  new NspawnMachine(one, 'db', { root: '/srv/db' });
  new NspawnMachine(two, 'cache', { root: '/srv/cache' });
  expect(one.network.node.path).toBe('shop/host/Network');
  expect([one.network, two.network].map(({ serviceName }) => serviceName)).toEqual(['shop-host', 'blog-host']);
  expect(one.network).toBe(one.network);
  expect([...problemsOf(one), ...problemsOf(two)]).toEqual([]);
});

test('a name or alias that another service of the network has is refused', () => {
  const scope = host();
  const network = new Network(scope, 'shop');
  service(scope, 'db', network, { aliases: ['postgres'] });
  expect(() => service(scope, 'postgres', network)).toThrow(
    'Cannot use name "postgres": is taken by shop/host/db, expected a free name (at shop/host/postgres)',
  );
  for (const alias of ['localhost', 'a b', '-x', ''])
    expect(() => service(scope, `x${alias.length}`, network, { aliases: [alias] })).toThrow('is not a hostname');
});

test('a network of another host is refused', () => {
  const network = new Network(host({ address: 'ssh://a' }), 'shop');
  expect(() => service(host(), 'web', network)).toThrow('Cannot use network "shop/host/shop": is on shop/host');
});
