import { ConfigFile, Host, NspawnMachine, PodmanService, SystemdService } from 'bulkhead';
import { Construct, type IConstruct } from 'constructs';
import { app, host, problemsOf, section, stack, textOf } from './testing';

const service = (scope: Construct, id: string, dependsOn: IConstruct[] = [], ports: number[] = []) =>
  new SystemdService(scope, id, { command: ['/bin/x'], dependsOn, ports });

test('two services of one name are refused, and both are named', () => {
  const scope = host();
  service(new Construct(scope, 'a'), 'b');
  service(scope, 'a-b');
  expect(problemsOf(scope)).toEqual([
    'Cannot place "a-b": the name "a-b" is taken by shop/host/a/b, expected a free one; the name prop sets another (at shop/host/a-b)',
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
    'Cannot publish "tcp 0.0.0.0:80": tcp 0.0.0.0:80 is taken by base/host/x, expected a free port (at shop/host/x.ports[0])',
  ]);
});

test('a port is published once, whatever runs the services and whichever address they say', () => {
  const scope = host();
  service(scope, 'api', [], [3000]);
  new PodmanService(scope, 'web', { image: 'localhost/x:1', ports: ['127.0.0.1:3000:80', '3000:80/udp', '3001:80'] });
  new NspawnMachine(scope, 'db', { root: '/srv/db', ports: ['3001:1'] });
  expect(problemsOf(scope)).toEqual([
    'Cannot publish "tcp 127.0.0.1:3000": tcp 0.0.0.0:3000 is taken by shop/host/api, expected a free port (at shop/host/web.ports[0])',
    'Cannot publish "tcp 0.0.0.0:3001": tcp 0.0.0.0:3001 is taken by shop/host/web, expected a free port (at shop/host/db.ports[0])',
  ]);
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
    'Cannot order services: shop/host/web -> shop/host/blog/db -> shop/host/web is a cycle, expected none (at shop/host/web.dependsOn)',
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
    'Cannot name a host "a-b": the id is the one of shop/a-b, expected other construct ids (at shop/a/b)',
  ]);
});
