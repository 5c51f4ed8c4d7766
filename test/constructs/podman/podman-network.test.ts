import { PodmanNetwork, type PodmanNetworkProps, PodmanService, type PodmanServiceProps } from 'bulkhead';
import { host, section, textOf } from '../testing';

const PATH = '/etc/containers/systemd/shop.network';
const make = (props: PodmanNetworkProps = {}, scope = host()) => new PodmanNetwork(scope, 'shop', props);
const IMAGE = 'docker.io/library/caddy:2';
const container = (props: (network: PodmanNetwork) => Partial<PodmanServiceProps>) => {
  const scope = host();
  return new PodmanService(scope, 'web', { image: IMAGE, ...props(make({}, scope)) });
};
const linesOf = (web: PodmanService, name: string) =>
  section(textOf(web, '/etc/containers/systemd/web.container'), name);

test('a network has the name of the service in podman, too, and goes when its unit stops', () => {
  expect(textOf(make(), PATH)).toBe(`[Unit]
Description=network shop

[Network]
NetworkName=shop

[Service]
ExecStopPost=-/usr/bin/podman network rm shop

[Install]
WantedBy=multi-user.target
`);
});

test('its manifest says which unit makes it', () => {
  expect(make().manifest).toMatchObject({
    runtime: 'podman',
    objects: { 'podman-network:shop': { unit: 'shop-network.service' } },
    units: { 'shop-network.service': { state: 'active', restartOn: [PATH] } },
  });
});

test.each<[PodmanNetworkProps, object]>([
  [{}, { driver: 'bridge', internal: 'false' }],
  [
    { subnet: '10.9.0.0/24', gateway: '10.9.0.1', ipRange: '10.9.0.128/25', internal: true, ipv6: true, dns: false },
    {
      driver: 'bridge',
      subnets: '10.9.0.0/24',
      gateways: '10.9.0.1',
      ranges: '10.9.0.129-10.9.0.255',
      internal: 'true',
      ipv6: 'true',
      dns: 'false',
    },
  ],
  [
    {
      subnet: 'FD00:0::/64',
      directives: { Network: { Driver: 'macvlan', Options: { mtu: '1400' }, Label: { a: 'b' } } },
    },
    { driver: 'macvlan', subnets: 'fd00::/64', internal: 'false', options: 'mtu=1400', labels: 'a=b' },
  ],
])('what %j makes is compared with what is there', (props, spec) => {
  expect(make(props).manifest.objects['podman-network:shop']).toEqual({ unit: 'shop-network.service', spec });
});

test.each<[PodmanNetworkProps, string[]]>([
  [{ subnet: '10.9.0.0/24', gateway: '10.9.0.1' }, ['Subnet=10.9.0.0/24', 'Gateway=10.9.0.1']],
  [{ subnet: 'fd00::/64', ipRange: 'fd00::8/125' }, ['Subnet=fd00::/64', 'IPRange=fd00::8/125']],
  [{ internal: true, ipv6: true }, ['Internal=true', 'IPv6=true']],
  [{ dns: ['192.0.2.53', '::1'] }, ['DNS=192.0.2.53', 'DNS=::1']],
  [{ dns: false }, ['DisableDNS=true']],
  [{ directives: { Network: { Driver: 'macvlan' } } }, ['Driver=macvlan']],
])('%j becomes %j', (props, lines) => {
  expect(section(textOf(make(props), PATH), 'Network')).toEqual(expect.arrayContaining(lines));
});

test.each<[PodmanNetworkProps, string]>([
  [
    { subnet: '10.9.0.0' },
    'Cannot set subnet to "10.9.0.0": is not a subnet, expected CIDR notation such as "10.89.0.0/24" (at shop/host/shop.subnet)',
  ],
  [{ subnet: '10.9.0.0/33' }, 'is not a subnet'],
  [
    { subnet: '10.9.0.0/24', gateway: '10.8.0.1' },
    'Cannot set gateway to "10.8.0.1": is not in 10.9.0.0/24, expected an address in the subnet (at shop/host/shop.gateway)',
  ],
  [{ subnet: '10.9.0.0/24', ipRange: 'fd00::/64' }, 'is not in 10.9.0.0/24, expected a part of the subnet'],
  [{ gateway: '10.8.0.1' }, 'subnet is not set, expected subnet beside it (at shop/host/shop.subnet)'],
  [{ dns: ['one.one'] }, 'Cannot ask for names "one.one": is not an IP address'],
  [{ dns: '192.0.2.53' as never }, 'is not an array, expected [ ... ], or false (at shop/host/shop.dns)'],
  [{ name: 'host' }, 'Cannot name a network "host": has a special meaning in podman'],
  [{ internal: true, directives: { Network: { Internal: false } } }, 'already set by internal'],
  [{ directives: { Volume: {} } as never }, 'its files have no such section'],
  [{ driver: 'x' } as never, 'Cannot set "driver": is not a prop'],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('a container is on it by the name of its file, by which Quadlet orders the two', () => {
  const web = container((network) => ({ networks: [network], dependsOn: [network] }));
  expect(linesOf(web, 'Container')).toContain('Network=shop.network');
  expect(linesOf(web, 'Unit')).toEqual(['Description=web', 'StartLimitIntervalSec=0']);
  expect(web.dependencies.map(({ node }) => node.id)).toContain('shop');
});

test('a container restarts when its network changes', () => {
  const fingerprint = (props: PodmanNetworkProps) => {
    const scope = host();
    const web = new PodmanService(scope, 'web', { image: IMAGE, networks: [make(props, scope)] });
    return web.manifest.units['web.service']?.triggers?.['shop.network'];
  };
  expect(fingerprint({})).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprint({})).toBe(fingerprint({}));
  expect(fingerprint({ internal: true })).not.toBe(fingerprint({}));
});

test('a container that shares the network of the host listens on its ports itself', () => {
  const web = container(() => ({ network: 'host', ports: [80] }));
  expect(linesOf(web, 'Container')).toContain('Network=host');
  expect(linesOf(web, 'Container').join()).not.toContain('PublishPort');
  expect(web.ports).toMatchObject([{ host: '80' }]);
});

test.each<[string, (network: PodmanNetwork) => Partial<PodmanServiceProps>, string]>([
  ['both', (network) => ({ network: 'none', networks: [network] }), 'already set by networks'],
  ['a name', () => ({ networks: ['shop'] as never }), 'Cannot use "shop": is not a PodmanNetwork'],
  [
    'an unknown word',
    () => ({ network: 'slirp4netns' as never }),
    'Cannot use network "slirp4netns": is not a Network',
  ],
  ['another port', () => ({ network: 'host', ports: ['80:8080'] }), 'expected the same port on both sides'],
  ['ports without a network', () => ({ network: 'none', ports: [80] }), 'it has no network, expected no ports'],
])('a container on %s is refused', (_, props, message) => {
  expect(() => container(props)).toThrow(message);
});

test('a network of another host is refused', () => {
  const network = make();
  const scope = host({ address: 'ssh://db.example' });
  expect(() => new PodmanService(scope, 'web', { image: IMAGE, networks: [network] })).toThrow(
    'Cannot use "shop/host/shop": is on shop/host, expected a PodmanNetwork on shop/host, since podman does not reach across hosts (at shop/host/web.networks[0])',
  );
});
