import { SystemdMount } from 'bulkhead';
import { escapePath } from '../../../lib/constructs/systemd/systemd-mount';
import { host, problemsOf, textOf } from '../testing';

test('a mount is a unit named after its directory', () => {
  const scope = host();
  const options = ['size=16M', 'mode=0755'];
  const mount = new SystemdMount(scope, 'scratch', { what: 'tmpfs', where: '/srv/scratch-a', type: 'tmpfs', options });
  expect(mount.unitName).toBe('srv-scratch\\x2da.mount');
  const path = `/etc/systemd/system/${mount.unitName}`;
  expect(textOf(mount, path)).toBe(`[Unit]
Description=scratch

[Mount]
What=tmpfs
Where=/srv/scratch-a
Type=tmpfs
Options=size=16M,mode=0755

[Install]
WantedBy=multi-user.target
`);
  expect(mount.manifest.units).toEqual({ [mount.unitName]: { state: 'active', enabled: true, restartOn: [path] } });
  expect(problemsOf(scope)).toEqual([]);
});

test.each([
  ['/srv/data', 'srv-data'],
  ['/a b/c-d', 'a\\x20b-c\\x2dd'],
  ['/.hidden/.x', '\\x2ehidden-.x'],
  ['/ä', '\\xc3\\xa4'],
])('%j is %j in a name', (path, name) => {
  expect(escapePath(path)).toBe(name);
});

test.each(['/', 'srv', '/srv/', '/srv//data', '/srv/../etc'])('%j is refused', (where) => {
  expect(() => new SystemdMount(host(), 'data', { what: 'tmpfs', where })).toThrow('(at shop/host/data.where)');
});
