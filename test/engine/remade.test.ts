import { planServices } from '../../lib/engine';
import { recordsOfUsers } from '../../lib/engine/remade';
import type { Manifest } from '../../lib/manifest';
import { edit, hostWith, steps, web } from './fixtures';

const owned = { mode: '0644', owner: 'root', group: 'root' } as const;
const CONF = '/etc/shop/shop.conf';
const conf: Manifest = {
  ...web,
  name: 'conf',
  path: 'shop/host/conf',
  files: { [CONF]: { content: 'a\n', ...owned } },
  units: {},
};
const image: Manifest = {
  ...conf,
  name: 'base',
  path: 'shop/host/base',
  files: {},
  objects: {
    'machine-image:base': { spec: { image: 'a'.repeat(64), readOnly: 'true' } },
    'directory:/srv/shop': { spec: { owner: 'root', group: 'root', mode: '0755' } },
  },
};
const user = (
  used: string,
  part: 'triggers' | 'reloads' = 'triggers',
  state: 'active' | 'done' = 'active',
): Manifest => ({
  ...web,
  after: ['conf', 'base'],
  units: { 'web.service': { state, enabled: true, restartOn: Object.keys(web.files), [part]: { [used]: '1' } } },
});

/** The steps of the user when the host differs. */
function stepsOf(service: Manifest, change: Parameters<typeof hostWith>[1], wanted = [conf, image, service]): string[] {
  const plans = planServices(hostWith([conf, image, service], change), wanted);
  return plans.flatMap((plan) => (plan.name === 'web' ? steps(plan) : []));
}

test.each<[string, Manifest, Parameters<typeof hostWith>[1], string[]]>([
  ['nothing', user(CONF), () => {}, []],
  [
    'a file that is deleted',
    user(CONF),
    ({ files }) => void files.delete(CONF),
    [`restart web.service: ${CONF} is missing`],
  ],
  [
    'a file of a directory that is edited',
    user('/etc/shop'),
    ({ files }) => edit(files, CONF, { content: Buffer.from('b\n') }),
    [`restart web.service: ${CONF} content differs`],
  ],
  ['a file with another mode', user(CONF), ({ files }) => edit(files, CONF, { mode: '0600' }), []],
  [
    'a file that is edited and read at a reload',
    user(CONF, 'reloads'),
    ({ files }) => edit(files, CONF, { content: Buffer.from('b\n') }),
    [`reload web.service: ${CONF} content differs`],
  ],
  ['a file of others', user('/etc/other'), ({ files }) => void files.delete(CONF), []],
  ['a file of a job', user(CONF, 'triggers', 'done'), ({ files }) => void files.delete(CONF), []],
  [
    'an image that is deleted',
    user('/var/lib/machines/base'),
    ({ objects }) => void objects.delete('machine-image:base'),
    ['restart web.service: machine-image:base is missing'],
  ],
  [
    'a directory that is deleted',
    user('/srv/shop'),
    ({ objects }) => void objects.delete('directory:/srv/shop'),
    ['restart web.service: directory:/srv/shop is missing'],
  ],
  [
    'a directory with another mode',
    user('/srv/shop'),
    ({ objects }) =>
      void objects.set('directory:/srv/shop', { type: 'directory', owners: ['root'], groups: ['root'], mode: '0700' }),
    [],
  ],
  [
    'an image that can be written',
    user('/var/lib/machines/base'),
    ({ objects }) =>
      void objects.set('machine-image:base', { type: 'directory', readOnly: false, from: 'a'.repeat(64) }),
    [],
  ],
])('a service that uses %s', (_, service, change, expected) => {
  expect(stepsOf(service, change)).toEqual(expected);
});

test('what is wanted otherwise is not made again: the service that uses it is wanted otherwise, too', () => {
  const changed = { ...conf, files: { [CONF]: { content: 'b\n', ...owned } } };
  expect(stepsOf(user(CONF), () => {}, [changed, image, user(CONF)])).toEqual([]);
});

test('a service that is not applied counts as running with what was there before', () => {
  const host = hostWith([conf, image, user(CONF)], ({ files }) => void files.delete(CONF));
  const plans = planServices(host, [conf]);
  const [file, ...more] = recordsOfUsers(plans, host);
  expect(more).toEqual([]);
  expect(file).toMatchObject({
    path: '/var/lib/bulkhead/services/web',
    content: expect.stringContaining('"applied":{"web.service":""}'),
  });
  expect(recordsOfUsers(planServices(host, [conf, image, user(CONF)]), host)).toEqual([]);
  expect(recordsOfUsers(planServices(hostWith([conf, image, user(CONF)]), [conf]), host)).toEqual([]);
});

test('of another stack, nothing uses it', () => {
  const other = { ...user(CONF), stack: 'blog', path: 'blog/host/web' };
  const host = hostWith([conf, image, other], ({ files }) => void files.delete(CONF));
  expect(recordsOfUsers(planServices(host, [conf]), host)).toEqual([]);
});

test('a service restarts when a directory of its own is made again', () => {
  const own = { ...user('/srv/own'), objects: { 'directory:/srv/own': { spec: { owner: 'root', mode: '0755' } } } };
  expect(stepsOf(own, () => {})).toEqual([]);
  expect(stepsOf(own, ({ objects }) => void objects.delete('directory:/srv/own'))).toEqual([
    'load directory:/srv/own: is missing',
    'restart web.service: directory:/srv/own is missing',
  ]);
});
