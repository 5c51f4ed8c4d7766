import {
  Network,
  NspawnMachine,
  PodmanKube,
  PodmanPod,
  PodmanService,
  Port,
  SystemdService,
  SystemdSocket,
  SystemdTimer,
  User,
} from 'bulkhead';
import { host, problemsOf, section, textOf } from '../testing';

const image = 'docker.io/library/caddy:2';
const HOSTS = '/run/bulkhead/network/web/hosts:/etc/hosts';
const RESOLV = '/run/bulkhead/network/shop/resolv.conf:/etc/resolv.conf';

function networked() {
  const scope = host();
  return { scope, network: new Network(scope, 'shop') };
}

test('a service joins its namespace, whose unit it requires, and sees the hosts file and the name servers of its network', () => {
  const { scope, network } = networked();
  const web = new SystemdService(scope, 'web', {
    command: ['/bin/x'],
    network,
    ports: ['80:8080'],
    volumes: ['/a:/b:ro'],
  });
  const text = textOf(web, '/etc/systemd/system/web.service');
  const lines = section(text, 'Service');
  expect(lines).toEqual(
    expect.arrayContaining([
      'NetworkNamespacePath=/run/netns/bh-web',
      'BindReadOnlyPaths=/a:/b',
      `BindReadOnlyPaths=${HOSTS}`,
      `BindReadOnlyPaths=${RESOLV}`,
      'CapabilityBoundingSet=',
    ]),
  );
  expect(lines.join()).not.toContain('SocketBind');
  expect(section(text, 'Unit')).toEqual(expect.arrayContaining(['Requires=web-network.service']));
  expect(problemsOf(scope)).toEqual([]);
});

test('the unit of its namespace is one program at a start, one at a reload, and cleans up', () => {
  const { scope, network } = networked();
  const web = new SystemdService(scope, 'web', { command: ['/bin/x'], network });
  const text = textOf(web, '/etc/systemd/system/web-network.service');
  const lines = section(text, 'Service');
  expect(lines.filter((line) => line.startsWith('Exec')).map((line) => line.split('=')[0])).toEqual([
    'ExecStart',
    'ExecReload',
    'ExecStopPost',
  ]);
  expect(lines.at(-1)).toBe('ExecStopPost=-ip -force -batch /etc/bulkhead/network/web/clean');
  expect(section(text, 'Unit')).toContain('Wants=shop-network.service');
  expect(web.manifest.objects).toHaveProperty('interface:bh-web');
});

test('a container joins it without ports of podman, also beside volumes written by hand', () => {
  const { scope, network } = networked();
  const directives = { Container: { Volume: ['/a:/b'] } };
  const web = new PodmanService(scope, 'web', { image, network, ports: ['80:8080'], directives });
  const lines = section(textOf(web, '/etc/containers/systemd/web.container'), 'Container');
  expect(lines).toEqual(
    expect.arrayContaining([
      'Network=ns:/run/netns/bh-web',
      'Volume=/a:/b',
      `Volume=${HOSTS}:ro`,
      `Volume=${RESOLV}:ro`,
    ]),
  );
  expect(lines.join()).not.toContain('PublishPort');
  expect(problemsOf(scope)).toEqual([]);
});

test('a pod joins it as a whole', () => {
  const { scope, network } = networked();
  const pod = new PodmanPod(scope, 'web', { network, expose: [80] });
  expect(section(textOf(pod, '/etc/containers/systemd/web.pod'), 'Pod')).toEqual(
    expect.arrayContaining(['Network=ns:/run/netns/bh-web', `Volume=${HOSTS}:ro`, `Volume=${RESOLV}:ro`]),
  );
  expect(network.model.members).toMatchObject([{ name: 'web', address: pod.address }]);
  expect(pod.hostname).toBe('web');
  expect(problemsOf(scope)).toEqual([]);
});

test('what a timer starts is on it, too', () => {
  const { scope, network } = networked();
  const web = new SystemdTimer(scope, 'web', { command: ['/bin/x'], onCalendar: 'daily', network });
  expect(section(textOf(web, '/etc/systemd/system/web.service'), 'Service')).toEqual(
    expect.arrayContaining(['NetworkNamespacePath=/run/netns/bh-web', `BindReadOnlyPaths=${HOSTS}`]),
  );
  expect(textOf(web, '/etc/systemd/system/web.timer')).not.toContain('network');
});

test('name servers of its own stay', () => {
  const { scope, network } = networked();
  const box = new PodmanService(scope, 'box', { image, network, directives: { Container: { DNS: ['192.0.2.53'] } } });
  const pod = new PodmanPod(scope, 'pod', { network, directives: { Pod: { DNSSearch: ['example.test'] } } });
  const machine = new NspawnMachine(scope, 'machine', {
    root: '/srv/machine',
    network,
    directives: { Exec: { ResolvConf: 'copy-host' } },
  });
  for (const [service, path] of [
    [box, '/etc/containers/systemd/box.container'],
    [pod, '/etc/containers/systemd/pod.pod'],
    [machine, '/etc/systemd/nspawn/machine.nspawn'],
  ] as const) {
    expect(textOf(service, path)).toContain('/hosts:/etc/hosts');
    expect(textOf(service, path)).not.toContain('resolv.conf');
  }
});

test('pods of Kubernetes join it as a whole, with names that they read when they start', () => {
  const { scope, network } = networked();
  const web = new PodmanKube(scope, 'web', { yaml: { kind: 'Pod' }, network, ports: ['80:8080'] });
  const file = '/etc/containers/systemd/web.kube';
  const [module, hosts] = ['containers.conf', 'hosts'].map((name) => `/etc/bulkhead/network/web/${name}`);
  const lines = section(textOf(web, file), 'Kube');
  expect(lines).toEqual(expect.arrayContaining(['Network=ns:/run/netns/bh-web', `ContainersConfModule=${module}`]));
  expect(lines.join()).not.toContain('PublishPort');
  expect(textOf(web, module ?? '')).toBe(`[containers]\nbase_hosts_file = "${hosts}"\n`);
  expect(web.manifest.units['web.service']?.restartOn).toEqual(expect.arrayContaining([module, hosts]));
  expect(network.model.members).toMatchObject([{ name: 'web', published: [{ host: '80', container: '8080' }] }]);
  expect(problemsOf(scope)).toEqual([]);
});

test('a socket listens on it, where its ports lead to and for what reaches it', () => {
  const { scope, network } = networked();
  const web = new SystemdSocket(scope, 'web', {
    command: ['/bin/x'],
    network,
    ports: ['127.0.0.1:80:8080'],
    expose: [5432, '53/udp'],
  });
  const api = new SystemdService(scope, 'api', { command: ['/bin/x'], network, reaches: [web] });
  const text = textOf(web, '/etc/systemd/system/web.socket');
  expect(section(text, 'Socket')).toEqual([
    'NetworkNamespacePath=/run/netns/bh-web',
    'ListenStream=5432',
    'ListenStream=8080',
    'ListenDatagram=53',
  ]);
  // All other sockets come before what makes its namespace.
  expect(section(text, 'Unit')).toEqual(
    expect.arrayContaining(['DefaultDependencies=no', 'Requires=web-network.service', 'Conflicts=shutdown.target']),
  );
  expect(section(text, 'Install')).toEqual(['WantedBy=multi-user.target']);
  expect(textOf(api, '/etc/bulkhead/network/api/hosts')).toContain(`${web.address} web\n`);
  expect(problemsOf(scope)).toEqual([]);
});

test('a socket of the host may start a program that sees no network', () => {
  const web = new SystemdSocket(host(), 'web', { command: ['/bin/x'], network: 'none', ports: [80] });
  expect(section(textOf(web, '/etc/systemd/system/web.socket'), 'Socket')).toEqual(['ListenStream=80']);
  expect(section(textOf(web, '/etc/systemd/system/web.service'), 'Service')).toContain('PrivateNetwork=yes');
});

test('files of its own stay', () => {
  const { scope, network } = networked();
  const volumes = ['/srv/hosts:/etc/hosts:ro', '/srv/resolv.conf:/etc/resolv.conf:ro'] as const;
  const web = new SystemdService(scope, 'web', { command: ['/bin/x'], network, volumes });
  expect(textOf(web, '/etc/systemd/system/web.service')).not.toContain('/run/bulkhead');
  const other = new SystemdService(scope, 'other', { command: ['/bin/x'], network, volumes: [volumes[0]] });
  expect(textOf(other, '/etc/systemd/system/other.service')).toContain(`BindReadOnlyPaths=${RESOLV}`);
});

test('without a network a service has only its loopback', () => {
  const web = new SystemdService(host(), 'web', { command: ['/bin/x'], network: 'none' });
  const lines = section(textOf(web, '/etc/systemd/system/web.service'), 'Service');
  expect(lines).toContain('PrivateNetwork=yes');
  expect(web.host.services).toHaveLength(1);
});

test.each<[string, (it: ReturnType<typeof networked>) => unknown, string]>([
  [
    'without root',
    ({ scope, network }) => new PodmanService(scope, 'web', { image, network, rootless: new User(scope, 'u') }),
    'Cannot use network "shop/host/shop": a rootless service can\'t join a namespace of root, expected "host", "none", a PodmanNetwork in networks, or a service without `rootless` (at shop/host/web.network)',
  ],
  [
    'the network of the host for pods of Kubernetes',
    ({ scope }) => new PodmanKube(scope, 'web', { yaml: { kind: 'Pod' }, network: 'host' }),
    'Cannot use network "host": podman reads the network only from the YAML, expected hostNetwork: true in the spec of the pod (at shop/host/web.network)',
  ],
  [
    'a range of ports of a socket',
    ({ scope, network }) =>
      new SystemdSocket(scope, 'web', { command: ['/x'], network, expose: [Port.tcpRange(1, 9)] }),
    'Cannot listen on "tcp 1-9": is a range, expected single ports (at shop/host/web.expose)',
  ],
  [
    'a remapped port of a socket of the host',
    ({ scope }) => new SystemdSocket(scope, 'web', { command: ['/x'], ports: ['80:8080'] }),
    'expected the same port on both sides, or a service on a Network (at shop/host/web.ports[0])',
  ],
  [
    'a word',
    ({ scope }) => new SystemdService(scope, 'web', { command: ['/x'], network: 'shop' as 'host' }),
    'Cannot use network "shop": is not a Network, expected a Network, "host" or "none" (at shop/host/web.network)',
  ],
  [
    'a port of the loopback of IPv6',
    ({ scope }) => new NspawnMachine(scope, 'web', { root: '/a', ports: ['[::1]:80:80'] }),
    'expected 127.0.0.1 (at shop/host/web.ports[0])',
  ],
  [
    'a source of what is not on a Network',
    ({ scope }) => new PodmanService(scope, 'web', { image, ports: [{ container: 80, from: ['10.0.0.0/8'] }] }),
    'Cannot limit to "10.0.0.0/8": the service is not on a Network',
  ],
  [
    'a source that is not a network',
    ({ scope, network }) =>
      new PodmanService(scope, 'web', { image, network, ports: [{ container: 80, from: ['10.0.0.1/8'] }] }),
    'Cannot be reached from "10.0.0.1/8": is not a network, expected CIDR notation such as "10.0.0.0/8" (at shop/host/web.ports[0].from[0])',
  ],
  [
    'a port without a network',
    ({ scope }) => new SystemdService(scope, 'web', { command: ['/x'], network: 'none', ports: [80] }),
    'Cannot publish "80": it has no network, expected no ports (at shop/host/web.ports[0])',
  ],
  [
    'an exposed word',
    ({ scope, network }) => new SystemdService(scope, 'web', { command: ['/x'], network, expose: ['x' as '1'] }),
    'Cannot expose "x": is not a port, expected a port such as 5432 or "53/udp" (at shop/host/web.expose[0])',
  ],
  ...(['address', 'aliases', 'expose', 'reaches'] as const).map(
    (prop) =>
      [
        `${prop} on the network of the host`,
        ({ scope }: ReturnType<typeof networked>) =>
          new SystemdService(scope, 'web', { command: ['/x'], [prop]: prop === 'address' ? '10.0.0.1' : [] }),
        `Cannot set "${prop}": the service is not on a Network`,
      ] as const,
  ),
] as [string, (it: ReturnType<typeof networked>) => unknown, string][])('%s is refused', (_, act, message) => {
  expect(() => act(networked())).toThrow(message);
});
