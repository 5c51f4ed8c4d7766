import { planService } from '../../lib/engine';
import { transferOf } from '../../lib/engine/transfer';
import type { Manifest } from '../../lib/manifest';
import { hostWith, steps, web } from './fixtures';

const HOST = 'ssh://root@192.0.2.10';

/** The service in another stack. */
const moved: Manifest = { ...web, stack: 'blog', path: 'blog/box/web' };

const transferred = (desired: Manifest, before: Manifest, from = before.stack) =>
  transferOf(desired, from, hostWith([before]), HOST);

/** The host once the service has its new owner. */
function hostAfter(desired: Manifest, before: Manifest) {
  const { records: change } = transferred(desired, before);
  return hostWith([before], ({ records }) => change && records.set(desired.name, change.after));
}

test.each<[string, Manifest, Manifest]>([
  ['another stack', moved, web],
  ['another project', { ...web, project: 'b' }, { ...web, project: 'a' }],
  ['another stack without a project ID', moved, { ...web, project: 'a' }],
])(
  'a service of %s has nothing to do once it is transferred, and is no longer of the old owner',
  (_, desired, before) => {
    expect(planService(hostWith([before]), desired).obstacles).toHaveLength(1);
    const state = hostAfter(desired, before);
    expect(steps(planService(state, desired))).toEqual([]);
    expect(planService(state, desired).obstacles).toEqual([]);
    expect(planService(state, before).obstacles[0]?.problem).toContain('belongs to');
  },
);

test('what the service has become in its new stack is left to the next plan', () => {
  const changed = { ...moved, units: { 'web.service': { state: 'inactive', enabled: true, restartOn: [] } } } as const;
  expect(planService(hostAfter(changed, web), changed).action).toBe('update');
});

test('a generated secret gets the name of the new stack, and keeps its value', () => {
  const withSecret = (manifest: Manifest): Manifest => {
    const from = `password.${manifest.stack}`;
    const spec = { source: 'generated', from, owner: '0:0', mode: '0400' };
    return {
      ...manifest,
      objects: { 'secret:web/password': { spec }, [`generated-secret:${from}`]: { spec: { length: '32' } } },
    };
  };
  const { renamed, records } = transferred(withSecret(moved), withSecret(web));
  expect(renamed?.map(({ copy }) => copy.slice(-2))).toEqual([['password.shop', 'password.blog']]);
  expect(records?.after).toMatchObject({
    manifest: { objects: withSecret(moved).objects },
    owns: { objects: ['secret:web/password', 'generated-secret:password.shop', 'generated-secret:password.blog'] },
  });
  expect(transferred(withSecret({ ...web, project: 'b' }), withSecret({ ...web, project: 'a' })).renamed).toEqual([]);
});

test('a service that belongs to the stack already stays as it is', () => {
  expect(transferred({ ...web, path: 'shop/other/web' }, web)).toEqual({ service: { ...web, path: 'shop/other/web' } });
});

test.each<[string, Manifest, Manifest, string, RegExp]>([
  [
    'of a third stack',
    moved,
    web,
    'wiki',
    /^Cannot move web from stack "wiki" .*: it belongs to stack "shop" \(shop\/host\/web\)/,
  ],
  [
    'that both projects would own',
    web,
    { ...web, project: 'a' },
    'shop',
    /it would still belong to project "a", .*\n {2}do: set `projectId` in cdktf.json/s,
  ],
  ['that is not there', { ...moved, name: 'db' }, web, 'shop', /it is not on the host .*\n {2}do: bulkhead apply/s],
])('a service %s is refused', (_, desired, before, from, message) => {
  const { records, error } = transferred(desired, before, from);
  expect(records).toBeUndefined();
  expect(error?.message).toMatch(message);
});

test('a damaged record is refused with the way out', () => {
  const state = hostWith([], ({ damaged }) => damaged.set('web', 'is damaged'));
  expect(transferOf(moved, 'shop', state, HOST).error?.message).toMatch(/services\/web is damaged .*adopt: true/s);
});
