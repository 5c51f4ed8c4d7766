import { fileAccess } from '../../../lib/constructs/service/file-access';

const everybody = { mode: '0644', owner: 'root', group: 'root' };
const root = { mode: '0600', owner: 'root', group: 'root' };

test.each<[string, Record<string, object>, object]>([
  ['/etc/systemd/system/web.service', { Service: { ExecStart: ['/bin/web'] } }, everybody],
  ['/etc/systemd/system/web.service', { Unit: {}, Service: { Environment: { TOKEN: 'x' } } }, root],
  ['/etc/systemd/system/web.service', { Service: { SetCredential: ['token:x'] } }, root],
  ['/etc/containers/systemd/web.container', { Container: { Environment: { TOKEN: 'x' } } }, root],
  ['/etc/systemd/nspawn/db.nspawn', { Exec: { Environment: { TOKEN: 'x' } } }, root],
  ['/etc/systemd/network/10-wg.netdev', { NetDev: {} }, { mode: '0640', owner: 'root', group: 'systemd-network' }],
])('%s with %j is there for %j', (path, sections, access) => {
  expect(fileAccess(path, { sections }, 'root')).toEqual(access);
});

test.each([
  [{ PATH: '/bin' }, '0644'],
  [{ PATH: '/sbin' }, '0600'],
  [{ PATH: '/bin', TOKEN: 'x' }, '0600'],
])('an environment of %j, where the image brings the first, is %s', (Environment, mode) => {
  const native = { sections: { Exec: { Environment } }, ofImage: { PATH: '/bin' } };
  expect(fileAccess('/etc/systemd/nspawn/db.nspawn', native, 'root').mode).toBe(mode);
});

test('a file of a user is theirs', () => {
  const sections = { Container: { Environment: { TOKEN: 'x' } } };
  expect(fileAccess('/home/shop/web.container', { sections }, 'shop')).toEqual({
    mode: '0600',
    owner: 'shop',
    group: 'shop',
  });
});
