import {
  ConfigFile,
  Host,
  Network,
  NspawnMachine,
  PodmanNetwork,
  PodmanService,
  type PortProp,
  type Service,
  SystemdNetdev,
  SystemdService,
  SystemdSocket,
  User,
} from 'bulkhead';
import { Construct, type IConstruct } from 'constructs';
import { app, host, problemsOf, section, stack, textOf } from '../testing';

const service = (scope: Construct, id: string, dependsOn: IConstruct[] = [], ports: number[] = []) =>
  new SystemdService(scope, id, { command: ['/bin/x'], dependsOn, ports });

test('two services of one name are refused, and both are named', () => {
  const scope = host();
  service(new Construct(scope, 'a'), 'b');
  service(scope, 'a-b');
  expect(problemsOf(scope)).toEqual([
    'Cannot place "a-b": the name "a-b" is taken by shop/host/a/b, expected another value of the name prop (at shop/host/a-b)',
  ]);
});

test('a file or unit that two services write is refused', () => {
  const scope = host();
  new ConfigFile(scope, 'a', { path: '/etc/x', content: '' });
  new ConfigFile(scope, 'b', { path: '/etc/x', content: '' });
  new NspawnMachine(scope, 'db', { root: '/srv/db' });
  service(scope, 'db-network');
  new PodmanService(scope, 'web', { image: 'localhost/x:1' });
  new SystemdService(scope, 'other', { command: ['/bin/x'], name: 'web' });
  expect(problemsOf(scope).map((problem) => problem.replace(/, expected.*\(/, ' ('))).toEqual([
    'Cannot place "b": the file /etc/x is taken by shop/host/a (at shop/host/b)',
    'Cannot place "db-network": the file /etc/systemd/system/db-network.service is taken by shop/host/db (at shop/host/db-network)',
    'Cannot place "web": the name "web" is taken by shop/host/web (at shop/host/other)',
  ]);
});

test('one host in two stacks is one host', () => {
  const both = app();
  const first = new Host(stack('base', both), 'host', { address: 'ssh://web' });
  const second = new Host(stack('shop', both), 'host', { address: 'ssh://web' });
  const elsewhere = new Host(stack('third', both), 'host', { address: 'ssh://other' });
  for (const scope of [first, second, elsewhere]) service(scope, 'x', [], [80]);
  expect(problemsOf(first)).toEqual([]);
  expect(problemsOf(elsewhere)).toEqual([]);
  expect(problemsOf(second)).toEqual([
    expect.stringContaining('the name "x" is taken by base/host/x'),
    'Cannot publish "tcp *:80": tcp *:80 is taken by base/host/x, expected a free port (at shop/host/x.ports[0])',
  ]);
});

test('a port is published once, whatever runs the services and whichever address they say', () => {
  const scope = host();
  service(scope, 'api', [], [3000]);
  new PodmanService(scope, 'web', { image: 'localhost/x:1', ports: ['127.0.0.1:3000:80', '3000:80/udp', '3001:80'] });
  new NspawnMachine(scope, 'db', { root: '/srv/db', ports: ['3001:1'] });
  expect(problemsOf(scope)).toEqual([
    'Cannot publish "tcp 127.0.0.1:3000": tcp *:3000 is taken by shop/host/api, expected a free port (at shop/host/web.ports[0])',
    'Cannot publish "tcp *:3001": tcp 0.0.0.0:3001 is taken by shop/host/web, expected a free port (at shop/host/db.ports[0])',
  ]);
});

test('IPv4 and IPv6 are different addresses, unless one socket listens for both', () => {
  const scope = host();
  const web = (id: string, ...ports: readonly PortProp[]) =>
    new PodmanService(scope, id, { image: 'localhost/x:1', ports });
  web('a', '0.0.0.0:8080:80', '[::]:8080:80');
  web('b', '8081:80', '[::]:8081:80');
  web('c', '0.0.0.0:53:53/udp');
  web('d', '[::1]:53:53/udp');
  new NspawnMachine(scope, 'db', { root: '/srv/db', ports: ['0.0.0.0:5432:1', '[::]:5432:1'] });
  new SystemdSocket(scope, 'echo', { command: ['/bin/cat'], ports: ['0.0.0.0:7', '[::]:7'] });
  expect(problemsOf(scope)).toEqual([]);
  new NspawnMachine(scope, 'dual', { root: '/srv/dual', ports: ['8080:1'] });
  expect(problemsOf(scope)).toEqual([
    'Cannot publish "tcp *:8080": tcp 0.0.0.0:8080 is taken by shop/host/a, expected a free port (at shop/host/dual.ports[0])',
  ]);
});

test('podman from version 6 on, and podman of a user, listens on both with one socket', () => {
  const ports = ['8080:80', '[::]:8080:80'] as const;
  const six = host({ podman: '6.0' });
  new PodmanService(six, 'web', { image: 'localhost/x:1', ports });
  const scope = host();
  new PodmanService(scope, 'web', { image: 'localhost/x:1', ports, rootless: new User(scope, 'shop') });
  for (const { node } of [six, scope])
    expect(problemsOf({ node }).filter((problem) => problem.startsWith('Cannot publish'))).toEqual([
      'Cannot publish "tcp [::]:8080": tcp *:8080 is taken by shop/host/web, expected a free port (at shop/host/web.ports[1])',
    ]);
});

test.each<[string, (scope: Host) => void, string]>([
  [
    'an interface',
    (scope) => {
      for (const id of ['a', 'b'])
        new SystemdNetdev(scope, id, { directives: { NetDev: { Name: 'br0', Kind: 'bridge' } } });
    },
    'Cannot place "b": the interface br0 is taken by shop/host/a, expected another value of the directives.NetDev.Name prop (at shop/host/b)',
  ],
  [
    'a subnet, or a part of it',
    (scope) => {
      new PodmanNetwork(scope, 'a', { subnet: '10.89.0.0/16' });
      new PodmanNetwork(scope, 'b', { subnet: '10.89.7.0/24' });
    },
    'Cannot place "b": the subnet 10.89.7.0/24 is taken by shop/host/a, expected another value of the subnet prop (at shop/host/b)',
  ],
  [
    'a part of a subnet of another runtime',
    (scope) => {
      new PodmanNetwork(scope, 'a', { subnet: '10.77.0.0/16' });
      new Network(scope, 'b', { subnet: '10.77.5.0/24' });
    },
    'Cannot place "b": the subnet 10.77.5.0/24 is taken by shop/host/a, expected another value of the subnet prop (at shop/host/b)',
  ],
  [
    'the path of a socket',
    (scope) => {
      for (const id of ['a', 'b']) new SystemdSocket(scope, id, { command: ['/bin/cat'], paths: ['/run/x.sock'] });
    },
    'Cannot place "b": the file /run/x.sock is taken by shop/host/a, expected another value of the paths[0] prop (at shop/host/b)',
  ],
  [
    'a file',
    (scope) => {
      for (const id of ['a', 'b']) new ConfigFile(scope, id, { path: '/etc/x', content: '' });
    },
    'Cannot place "b": the file /etc/x is taken by shop/host/a, expected another value of the path prop (at shop/host/b)',
  ],
])('%s is one service alone', (_, build, problem) => {
  const scope = host();
  build(scope);
  expect(problemsOf(scope)).toEqual([problem]);
});

test('what a service claims is in its manifest', () => {
  const scope = host();
  const claims = (service: Service) => service.manifest.claims;
  const image = 'localhost/x:1';
  expect(claims(new PodmanService(scope, 'a', { image, ports: ['80:8080', '[::1]:53:53/udp'] }))).toEqual([
    'tcp 0.0.0.0:80',
    'udp [::1]:53',
    'podman-container a',
  ]);
  expect(claims(new NspawnMachine(scope, 'b', { root: '/srv/b', ports: [81] }))).toEqual(['tcp *:81', 'machine b']);
  expect(claims(new Network(scope, 'e', { subnet: '10.9.0.0/24', subnet6: 'fd09::/64' }))).toEqual([
    'subnet 10.9.0.0/24',
    'subnet fd09::/64',
  ]);
  expect(claims(new PodmanNetwork(scope, 'c', { subnet: '10.89.0.0/24' }))).toEqual(['subnet 10.89.0.0/24']);
  expect(claims(service(scope, 'd'))).toBeUndefined();
});

test('a dependency orders the units, and a construct stands for all that is in it', () => {
  const scope = host();
  const blog = new Construct(scope, 'blog');
  service(blog, 'db');
  const file = new ConfigFile(scope, 'conf', { path: '/etc/x', content: '' });
  const web = service(scope, 'web', [blog, file]);
  service(blog, 'cache');
  const unit = section(textOf(web, '/etc/systemd/system/web.service'), 'Unit');
  expect(unit).toContain('After=network.target blog-db.service blog-cache.service');
  expect(unit).toContain('Wants=blog-db.service blog-cache.service');
});

test('a service on another host is no unit to wait for', () => {
  const shop = stack();
  const db = service(new Host(shop, 'a', { address: 'ssh://a' }), 'db');
  const web = service(new Host(shop, 'b', { address: 'ssh://b' }), 'web', [db]);
  expect(textOf(web, '/etc/systemd/system/web.service')).not.toContain('db.service');
});

test('a cycle is refused and drawn', () => {
  const scope = host();
  const blog = new Construct(scope, 'blog');
  const web = service(scope, 'web', [blog]);
  service(blog, 'db', [web]);
  expect(problemsOf(scope)).toEqual([
    'Cannot order services: shop/host/web -> shop/host/blog/db -> shop/host/web is a cycle, expected an order without cycles (at shop/host/web.dependsOn)',
  ]);
});

test('a service that depends on the construct around it is a cycle', () => {
  const scope = host();
  const blog = new Construct(scope, 'blog');
  service(blog, 'db', [blog]);
  expect(problemsOf(scope)).toEqual([expect.stringContaining('shop/host/blog/db -> shop/host/blog/db is a cycle')]);
});

test('two hosts of a stack whose files would share a directory are refused', () => {
  const shop = stack();
  new Host(shop, 'a-b', { address: 'ssh://a' });
  new Host(new Construct(shop, 'a'), 'b', { address: 'ssh://b' });
  expect(problemsOf(shop).filter((problem) => problem.startsWith('Cannot name a host'))).toEqual([
    'Cannot name a host "a-b": shop/a-b has the same id, expected different construct ids (at shop/a/b)',
  ]);
});
