import { PodmanNetwork, PodmanPod, type PodmanPodProps, PodmanService, type PodmanServiceProps } from 'bulkhead';
import { host, problemsOf, section, textOf } from '../testing';

const PATH = '/etc/containers/systemd/shop.pod';
const make = (props: PodmanPodProps = {}, scope = host()) => new PodmanPod(scope, 'shop', props);
const member = (pod: PodmanPod, props: Partial<PodmanServiceProps> = {}) =>
  new PodmanService(pod.host, 'web', { image: 'docker.io/library/caddy:2', pod, ...props });

test('a pod outlives the restart of its containers', () => {
  expect(textOf(make(), PATH)).toBe(`[Unit]
Description=pod shop

[Pod]
PodName=shop
PodmanArgs=--exit-policy=continue

[Install]
WantedBy=multi-user.target
`);
});

test('its unit is active, and nothing of it is in podman when it is not', () => {
  expect(make().manifest).toMatchObject({ objects: {}, units: { 'shop-pod.service': { state: 'active' } } });
});

test('it has the ports and networks of its containers', () => {
  const scope = host();
  const pod = make({ ports: ['8080:80'], networks: [new PodmanNetwork(scope, 'net')] }, scope);
  expect(section(textOf(pod, PATH), 'Pod')).toEqual(
    expect.arrayContaining(['PublishPort=8080:80', 'Network=net.network']),
  );
  expect(section(textOf(pod, PATH), 'Unit')).toEqual(['Description=pod shop']);
  new PodmanPod(scope, 'other', { ports: [8080] });
  expect(problemsOf(scope).join()).toContain('tcp 0.0.0.0:8080 is taken by shop/host/shop');
});

test('a container is in it by the name of its file, and restarts with it', () => {
  const web = member(make());
  const text = textOf(web, '/etc/containers/systemd/web.container');
  expect(section(text, 'Container')).toContain('Pod=shop.pod');
  expect(section(text, 'Unit')).toEqual(['Description=web', 'StartLimitIntervalSec=0']);
  expect(web.manifest.units['web.service']?.triggers).toHaveProperty(['shop.pod']);
});

test.each<[keyof PodmanServiceProps, unknown, string]>([
  ['ports', [80], 'ports on the pod'],
  ['networks', [], 'networks on the pod'],
  ['network', 'host', 'network on the pod'],
  ['reaches', [], 'reaches on the pod'],
])('%s of a container in it are refused', (prop, value, expected) => {
  expect(() => member(make(), { [prop]: value })).toThrow(
    `Cannot set ${prop} of "web": it is in the pod shop/host/shop, which has one network for all its containers, expected ${expected} (at shop/host/web.${prop})`,
  );
});

test('a pod of another host is refused', () => {
  const other = host({ address: 'ssh://db.example' });
  expect(() => new PodmanService(other, 'web', { image: 'docker.io/library/caddy:2', pod: make() })).toThrow(
    'podman does not reach across hosts (at shop/host/web.pod)',
  );
});
