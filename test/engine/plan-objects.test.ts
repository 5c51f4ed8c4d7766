import { planRemoval, planService } from '../../lib/engine';
import type { Manifest } from '../../lib/manifest';
import { hostWith, steps, web } from './fixtures';

describe('objects that units make', () => {
  const network: Manifest = {
    ...web,
    objects: {
      'podman-network:web': { unit: 'web.service' },
      'podman-volume:data': { unit: 'web.service', retain: true },
    },
  };

  test('a network that is gone is made anew by its unit', () => {
    const state = hostWith([network], ({ objects }) => objects.delete('podman-network:web'));
    expect(steps(planService(state, network))).toEqual(['restart web.service: podman-network:web is missing']);
  });

  test('a network of the same name that is not ours is an obstacle', () => {
    const state = hostWith([], ({ objects }) => objects.set('podman-network:web', true));
    expect(planService(state, network).obstacles[0]?.problem).toContain(
      'a network of that name that Bulkhead did not create',
    );
  });

  test('an image that is not ours is an obstacle by its whole name', () => {
    const image: Manifest = { ...web, objects: { 'podman-image:localhost:5000/a:1': { unit: 'web.service' } } };
    const state = hostWith([], ({ objects }) => objects.set('podman-image:localhost:5000/a:1', { id: 'theirs' }));
    expect(planService(state, image).obstacles).toMatchObject([
      {
        action: 'create image localhost:5000/a:1',
        problem: expect.stringContaining('podman has an image of that name'),
      },
    ]);
  });

  test('an interface that is not ours is an obstacle', () => {
    const bridge: Manifest = { ...web, objects: { 'interface:br0': { unit: 'web.service' } } };
    const state = hostWith([], ({ objects }) => objects.set('interface:br0', true));
    expect(planService(state, bridge).obstacles).toMatchObject([
      { action: 'create interface br0', problem: expect.stringContaining('the host has an interface of that name') },
    ]);
  });

  test('a volume that is retained is found again by a later service', () => {
    const state = hostWith([], ({ objects }) => objects.set('podman-volume:data', true));
    expect(planService(state, network)).toMatchObject({ action: 'create', obstacles: [] });
  });

  test('a volume that is retained outlives its service', () => {
    expect(steps(planRemoval(hostWith([network]), 'web'))).toContain(
      'delete podman-network:web: is no longer declared',
    );
    expect(steps(planRemoval(hostWith([network]), 'web')).join()).not.toContain('podman-volume:data');
  });
});
