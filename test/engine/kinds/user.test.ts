import { type ActualUser, planRemoval, planService } from '../../../lib/engine';
import { recordsOfBegun } from '../../../lib/engine/ownership';
import { readRecord } from '../../../lib/engine/record';
import type { Manifest } from '../../../lib/manifest';
import { hostWith, running, steps, web } from '../fixtures';

describe('users', () => {
  const user: Manifest = {
    ...web,
    name: 'shop',
    runtime: 'user',
    files: {},
    units: {},
    objects: { 'user:shop': { spec: { home: '/home/shop' } } },
  };
  const rootless: Manifest = { ...web, user: 'shop' };
  const actual = { home: '/home/shop', group: 'shop', subordinateIds: true, linger: true, running: true };
  const host = (more: Partial<typeof actual> | undefined, manifests = [user]) =>
    hostWith(manifests, ({ objects }) => {
      if (more) objects.set('user:shop', { ...actual, ...more });
      else objects.delete('user:shop');
    });
  const scope = { units: new Map(), loadPath: [], overrides: [], links: new Map(), objects: new Map() };
  const withUser = (manifest: Manifest, more: Partial<ActualUser> = {}) =>
    hostWith([manifest], ({ users }) => users.set('shop', { home: '/home/shop', running: true, scope, ...more }));

  test.each<[string, Partial<typeof actual> | undefined, string[]]>([
    ['that is as wanted', {}, []],
    ['that is gone', undefined, ['prepare user:shop: is missing']],
    ['without a range', { subordinateIds: false }, ['prepare user:shop: has no subordinate IDs']],
    [
      'that does not linger',
      { linger: false },
      ['prepare user:shop: does not linger: its services would not start at boot'],
    ],
    ['whose systemd was stopped', { running: false }, ['prepare user:shop: has no systemd running']],
  ])('one %s', (_, more, expected) => {
    expect(steps(planService(host(more), user))).toEqual(expected);
  });

  test.each<[string, Partial<typeof actual>, boolean, string]>([
    ['one that Bulkhead did not make', {}, false, 'the host has a user of that name that Bulkhead did not create'],
    ['one with another home', { home: '/srv/x' }, true, 'its home is /srv/x, expected /home/shop'],
    ['one with another group', { group: 'users' }, true, 'its group is users, expected its own group shop'],
  ])('%s is refused', (_, more, adopt, problem) => {
    const plan = planService(host({ ...more, linger: false }, []), { ...user, adopt });
    expect(plan.obstacles).toMatchObject([{ at: ['objects', 'user:shop'], problem }]);
  });

  test('one that was adopted is not removed with its service', () => {
    const before = host({}, []);
    const [begun] = recordsOfBegun([planService(before, { ...user, adopt: true })], before);
    expect(readRecord('shop', String(begun?.content))).toMatchObject({ owns: { objects: [] } });
    expect(steps(planRemoval(host({}), 'shop'))).toContain('delete user:shop: is no longer declared');
  });

  test('a service sees the units of its user alone', () => {
    const state = withUser(rootless);
    expect(steps(planService(state, rootless))).toEqual([
      'enable web.service: is new',
      'start web.service: is inactive',
    ]);
    const units = new Map([['web.service', running]]);
    const own = withUser(rootless, { scope: { ...scope, units } });
    expect(steps(planService({ ...own, units: new Map() }, rootless))).toEqual([]);
  });

  test('images of a user whose systemd is stopped count as they are recorded', () => {
    const asset = 'a'.repeat(64);
    const image = { asset, spec: { id: asset } };
    const with1: Manifest = { ...rootless, objects: { 'podman-image:localhost/web:1': image } };
    const plan = planService(withUser(with1, { running: false }), with1);
    expect(plan.steps.map(({ verb }) => verb)).toEqual(['enable', 'start']);
  });

  test('a service does not go from one user to another', () => {
    const { obstacles, steps } = planService(withUser(web), rootless);
    expect(steps).toEqual([]);
    expect(obstacles).toMatchObject([
      { at: ['user'], problem: "it runs as root, whose images and volumes shop can't use" },
    ]);
  });
});
