import { checkManifest } from '../../lib/manifest';
import { web } from '../engine/fixtures';

const file = { content: '', mode: '0644', owner: 'root', group: 'root' };
const problemsOf = (path: string) => checkManifest({ ...web, units: {}, files: { [path]: file } });

test.each(['/etc/motd', '/srv/a b', '/srv/ü:"', '/srv/😀', '/srv/...'])('%j is the path of a file', (path) => {
  expect(problemsOf(path)).toEqual([]);
});

test.each(['etc/motd', '/etc/', '/', '/etc/../x', '/etc//x', '/a\0b', '/a\nb', '/a\n', '/a\ud800', '/\udc00b'])(
  '%j is not a file path',
  (path) => {
    expect(problemsOf(path)).toMatchObject([{ at: ['files', path] }]);
  },
);

test.each(['/var/lib/machines/web', '/var/lib/machines/../x', '/home/shop/root', '/var/lib/machines/'])(
  'the root of a machine lies in a directory that root alone can change: %s',
  (path) => {
    const key = `machine-root:${path}`;
    const objects = { [key]: { spec: { image: 'a'.repeat(64) } } };
    const at = checkManifest({ ...web, units: {}, objects }).map((problem) => problem.at);
    expect(at).toEqual(path === '/var/lib/machines/web' ? [] : [['objects', key]]);
  },
);
