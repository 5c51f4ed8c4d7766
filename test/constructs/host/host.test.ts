import { ConfigFile, Directory, type Health, Host, type HostProps, SystemdService } from 'bulkhead';
import { Testing } from 'cdktf';
import { Construct } from 'constructs';
import { app, host, stack } from '../testing';

const file = (scope: Construct, id: string, name?: string) =>
  new ConfigFile(scope, id, { path: `/etc/${id}`, content: '', ...(name === undefined ? {} : { name }) });

test('a service belongs to the nearest host above it, and its name is the ids below that', () => {
  const outer = host();
  const blog = new Construct(outer, 'blog');
  const web = file(blog, 'web');
  expect(web.host).toBe(outer);
  expect(web.serviceName).toBe('blog-web');
  expect(web.manifest).toMatchObject({ name: 'blog-web', stack: 'shop', path: 'shop/host/blog/web', runtime: 'file' });
  expect(file(blog, 'db', 'postgres').serviceName).toBe('postgres');
});

test('a service without a host is refused', () => {
  expect(() => file(stack(), 'web')).toThrow(
    'Cannot place "web": it is not inside a Host, expected a Host, or a construct inside a Host, as scope (at shop/web)',
  );
});

test.each(['-web', 'a b', 'a/b', '', 'x'.repeat(201)])('name %j is refused', (name) => {
  expect(() => file(host(), 'web', name)).toThrow(
    /^Cannot name a service .*: is not a name, .* \(at shop\/host\/web\.name\)$/,
  );
});

test.each(['local', 'lab', 'lab:other', 'ssh://192.0.2.1', 'ssh://root@web-1.example:2222', 'ssh://[2001:db8::1]:22'])(
  'address %s is taken as it is',
  (address) => {
    expect(host({ address: address as 'local' }).address).toBe(address);
  },
);

test('an address may hold a token', () => {
  const address = 'ssh://root@${TfToken[TOKEN.7]}:22' as const;
  expect(host({ address }).address).toBe(address);
});

const FORMS = '"local", "ssh://[user@]host[:port]", "machine://name" or "lab[:name]"';
const LAB_NAME = 'lower case letters, digits and "-"';

test.each([
  ['', '"": it is empty', FORMS],
  ['root@192.0.2.1', '"root@192.0.2.1": it has an unknown form', FORMS],
  ['http://x', '"http://x": it has an unknown form', FORMS],
  ['ssh://', '"ssh://": the host is missing', FORMS],
  ['ssh://-oProxyCommand=x', '"ssh://-oProxyCommand=x": the host "-oProxyCommand=x" is not valid', FORMS],
  ['ssh://a b', '"ssh://a b": the host "a b" is not valid', FORMS],
  ['ssh://a%b', '"ssh://a%b": the host "a%b" is not valid', FORMS],
  ['ssh://x;y', '"ssh://x;y": the host "x;y" is not valid', FORMS],
  ['ssh://root:secret@a', '"ssh://***@a": it has a password', 'a user alone: log in with a key'],
  ['machine://web.', '"machine://web.": the machine "web." is not valid', 'a name as in machinectl(1)'],
  ['lab:', '"lab:": the name "" is not valid', LAB_NAME],
  ['lab:-x', '"lab:-x": the name "-x" is not valid', LAB_NAME],
  ['lab:My_lab', '"lab:My_lab": the name "My_lab" is not valid', LAB_NAME],
  [undefined, '"undefined": it has an unknown form', FORMS],
])('address %j is refused', (address, problem, expected) => {
  expect(() => host({ address: address as 'local' })).toThrow(
    `Cannot reach ${problem}, expected ${expected} (at shop/host.address)`,
  );
});

test.each([
  [
    { sshOptions: ['Port 22'] },
    'Cannot pass to ssh "Port 22": is not an option, expected "Key=value" as in ssh_config(5) (at shop/host.sshOptions[0])',
  ],
  [
    { systemd: 12 },
    'Cannot expect systemd 12: is not a version, expected an integer such as 257 (at shop/host.systemd)',
  ],
  [{ podman: '5' }, 'Cannot expect podman "5": is not a version, expected text such as "5.4" (at shop/host.podman)'],
  [{ subnet: '10.1.2.3/16' }, 'Cannot use subnet "10.1.2.3/16": is not an IPv4 network'],
])('%j is refused', (props, message) => {
  expect(() => host(props)).toThrow(message);
});

test('hosts of one stack bring one provider', () => {
  const shop = stack();
  new Host(shop, 'a', { address: 'ssh://a' });
  new Host(shop, 'b', { address: 'ssh://b' });
  expect(shop.allProviders()).toHaveLength(1);
});

test('a service of another stack makes its stack come after', () => {
  const both = app();
  const base = stack('base', both);
  const shop = stack('shop', both);
  const db = file(new Host(base, 'host', { address: 'local' }), 'db');
  new ConfigFile(new Host(shop, 'host', { address: 'local' }), 'web', {
    path: '/etc/web',
    content: '',
    dependsOn: [db],
  });
  expect(shop.dependencies).toEqual([base]);
});

test('a service that is taken out of the tree is not on its host', () => {
  const scope = host();
  const kept = file(scope, 'kept');
  const blog = new Construct(scope, 'blog');
  file(blog, 'gone');
  expect(scope.services).toHaveLength(2);
  scope.node.tryRemoveChild('blog');
  expect(scope.services).toEqual([kept]);
});

test('what a service makes is no longer there once it is taken out of the tree', () => {
  const scope = host();
  const props = { command: ['/bin/web'], user: 'root', volumes: ['/srv/data:/data'] } as const;
  const web = new SystemdService(scope, 'web', props);
  const blog = new Construct(scope, 'blog');
  new Directory(blog, 'data', { path: '/srv/data' });
  const directories = () => Object.keys(web.manifest.objects);
  expect(directories()).toEqual([]);
  scope.node.tryRemoveChild('blog');
  expect(directories()).toEqual(['directory:/srv/data']);
});

test('synthesis does not look at all services for each service', () => {
  const looks = (count: number) => {
    const scope = host();
    for (let i = 0; i < count; i++)
      new SystemdService(scope, `web${i}`, { command: ['/bin/web'], volumes: [`/srv/web${i}:/data`] });
    const asked = jest.spyOn(Host.prototype, 'services', 'get');
    Testing.synth(scope.stack);
    const { length } = asked.mock.calls;
    asked.mockRestore();
    return length;
  };
  expect(looks(20)).toBe(looks(5));
});

test('says how long services without health must stay up', () => {
  const unitOf = (props: Partial<HostProps>, health?: Health) => {
    const service = new SystemdService(host(props), 'web', { command: ['/bin/web'], ...(health && { health }) });
    return service.manifest.units['web.service'];
  };
  expect(unitOf({})).not.toHaveProperty('settle');
  expect(unitOf({ settleTime: '2s' })).toMatchObject({ settle: '2' });
  expect(unitOf({ settleTime: '2s' }, { tcp: 80 })).toMatchObject({ settle: '0' });
  expect(() => unitOf({ settleTime: '500ms' })).toThrow(
    'Cannot wait for "500ms": is not a number of whole seconds, expected at most "9999s" (at shop/host.settleTime)',
  );
});
