import { planService } from '../../../lib/engine';
import { podmanNetwork } from '../../../lib/engine/kinds/podman-network';
import { podmanVolume } from '../../../lib/engine/kinds/podman-volume';
import type { Manifest, ObjectPart } from '../../../lib/manifest';
import { edit, hostWith, steps, web } from '../fixtures';

// As podman 5.4 prints them.
const NETWORK = JSON.stringify({
  name: 'shop',
  driver: 'bridge',
  subnets: [
    { subnet: '10.9.0.0/24', gateway: '10.9.0.1', lease_range: { start_ip: '10.9.0.129', end_ip: '10.9.0.255' } },
    { subnet: 'fd00::/64', gateway: 'fd00::1' },
  ],
  ipv6_enabled: true,
  internal: false,
  dns_enabled: true,
  labels: { a: 'b' },
  options: { mtu: '1400' },
});
const VOLUME = JSON.stringify({
  Name: 'data',
  Driver: 'local',
  Labels: { q: '1' },
  Options: { GID: '6', UID: '5', device: '/srv', o: 'uid=5,gid=6,ro,bind', type: 'none' },
  UID: 5,
  GID: 6,
});

const difference = (kind: typeof podmanNetwork, text: string, spec: ObjectPart['spec']) =>
  kind.differs?.(kind.read(text), { unit: 'x.service', ...(spec && { spec }) });

describe('a network of podman', () => {
  test.each([
    [undefined],
    [{ driver: 'bridge', subnets: '10.9.0.0/24\nfd00::/64', gateways: '10.9.0.1', internal: 'false' }],
    [{ ranges: '10.9.0.129-10.9.0.255', ipv6: 'true', options: 'mtu=1400', labels: 'a=b' }],
  ])('that has what is wanted does not differ: %j', (spec) => {
    expect(difference(podmanNetwork, NETWORK, spec)).toBeUndefined();
  });

  test.each([
    [{ driver: 'macvlan' }, 'has driver bridge, expected macvlan'],
    [{ subnets: '10.8.0.0/24' }, 'has subnets 10.9.0.0/24, fd00::/64, expected 10.8.0.0/24'],
    [{ internal: 'true' }, 'has internal false, expected true'],
    [{ dns: 'false' }, 'has dns true, expected false'],
    [{ options: 'mtu=1400\nvlan=3' }, 'has options mtu=1400, expected vlan=3'],
    [{ labels: 'a=c' }, 'has labels a=b, expected a=c'],
  ])('says how it differs: %j', (spec, how) => {
    expect(difference(podmanNetwork, NETWORK, spec)).toBe(how);
  });
});

describe('a volume of podman', () => {
  test('that has what is wanted does not differ', () => {
    const spec = { driver: 'local', device: '/srv', type: 'none', options: 'bind,ro', user: '5', group: '6' };
    expect(difference(podmanVolume, VOLUME, spec)).toBeUndefined();
    expect(
      difference(podmanVolume, '{"Name":"d","Driver":"local","Options":{}}', { device: '', user: '0' }),
    ).toBeUndefined();
  });

  test.each([
    [{ device: '/srv/big' }, 'has device /srv, expected /srv/big'],
    [{ device: '' }, 'has device /srv, expected none'],
    [{ options: 'bind' }, 'has options bind,ro, expected bind'],
    [{ user: '7' }, 'has user 5, expected 7'],
  ])('says how it differs: %j', (spec, how) => {
    expect(difference(podmanVolume, VOLUME, spec)).toBe(how);
  });
});

test.each(['', '{', 'null', '[]', '7', '{"subnets":{"a":1},"Options":7,"Labels":[]}'])(
  'what is not of podman says nothing that could stop a plan: %j',
  (text) => {
    for (const kind of [podmanNetwork, podmanVolume]) {
      expect(() => difference(kind, text, { driver: 'local', options: 'a=b' })).not.toThrow();
      expect(Object.values(kind.read(text)).every((value) => typeof value === 'string')).toBe(true);
    }
  },
);

describe('a plan', () => {
  const made = (key: string, spec: ObjectPart['spec']): Manifest => ({
    ...web,
    objects: { [key]: { unit: 'web.service', retain: true, ...(spec && { spec }) } },
  });

  test('restarts the unit of a network that is not what its file says', () => {
    const wanted = made('podman-network:shop', { driver: 'bridge', subnets: '10.9.0.0/24' });
    const state = hostWith([wanted], ({ objects }) =>
      objects.set('podman-network:shop', { driver: 'bridge', subnets: '10.8.0.0/24' }),
    );
    const plan = planService(state, wanted);
    expect(plan.obstacles).toEqual([]);
    expect(steps(plan)).toEqual([
      'restart web.service: podman-network:shop has subnets 10.8.0.0/24, expected 10.9.0.0/24',
    ]);
  });

  test('removes the network first when its unit does not run, which would take what is there', () => {
    const wanted = made('podman-network:shop', { subnets: '10.9.0.0/24' });
    const state = hostWith([wanted], ({ objects, units }) => {
      objects.set('podman-network:shop', { subnets: '10.8.0.0/24' });
      edit(units, 'web.service', { activeState: 'inactive' });
    });
    expect(steps(planService(state, wanted))).toEqual([
      'make podman-network:shop: has subnets 10.8.0.0/24, expected 10.9.0.0/24',
      'start web.service: podman-network:shop has subnets 10.8.0.0/24, expected 10.9.0.0/24',
    ]);
  });

  test.each([
    ['of the service', true],
    ['that was there before', false],
  ])('never makes a volume anew %s, and says how to', (_, isOurs) => {
    const wanted = made('podman-volume:data', { device: '/srv/big' });
    const state = hostWith(isOurs ? [wanted] : [], ({ objects }) => objects.set('podman-volume:data', { device: '' }));
    expect(planService(state, wanted).obstacles).toEqual([
      {
        at: ['objects', 'podman-volume:data'],
        action: 'create volume data',
        problem: 'the existing volume has no device, expected /srv/big, and creating it anew would lose what is in it',
        advice: expect.stringContaining('podman volume rm data'),
      },
    ]);
  });
});
