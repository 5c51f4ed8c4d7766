import { ConfigFile } from 'bulkhead';
import { parseVolume, type VolumeProp } from '../../../lib/constructs/props/volumes';
import { TOKEN } from '../../../lib/rendering/tokens';
import { host } from '../testing';

const parse = (value: VolumeProp) => parseVolume(value, 'shop/host/web.volumes[0]');

test.each<[VolumeProp, object]>([
  ['/src:/dst', { source: '/src', target: '/dst', readOnly: false }],
  ['/src:/dst:ro', { source: '/src', target: '/dst', readOnly: true }],
  ['/src:/dst:rw', { source: '/src', target: '/dst', readOnly: false }],
  [
    { source: '/a:b', target: '/c' },
    { source: '/a:b', target: '/c', readOnly: false },
  ],
  [
    { source: '/a', target: '/c', readOnly: true },
    { source: '/a', target: '/c', readOnly: true },
  ],
])('reads %j', (value, expected) => {
  expect(parse(value)).toMatchObject(expected);
});

test('a path may be a value that only Terraform knows', () => {
  const path = '${TfToken[TOKEN.7]}';
  const { source, target } = parse({ source: path, target: `${path}/data` });
  expect([source, target].map((text) => text.replace(TOKEN, '*'))).toEqual(['*', '*/data']);
  expect(() => parse({ source: `data/${path}`, target: '/data' })).toThrow(
    'source "data/(a value that only Terraform knows)" is not an absolute path',
  );
});

test('a config file is read-only unless it says otherwise', () => {
  const file = new ConfigFile(host(), 'conf', { path: '/etc/app.conf', content: '' });
  expect(parse({ source: file, target: '/app.conf' })).toMatchObject({
    source: '/etc/app.conf',
    readOnly: true,
    from: file,
  });
  expect(parse({ source: file, target: '/app.conf', readOnly: false })).toMatchObject({ readOnly: false });
});

test.each<[unknown, string]>([
  ['data:/data', 'Cannot mount "data:/data": source "data" is not an absolute path'],
  ['/data', 'Cannot mount "/data": is not a volume'],
  ['/a:/b:/c:/d', 'Cannot mount "/a:/b:/c:/d": is not a volume'],
  ['/a:/b:z', 'Cannot mount "/a:/b:z": option "z" is only for podman'],
  ['/a:/b:ro,exec', 'Cannot mount "/a:/b:ro,exec": mode "exec" is unknown'],
  [{ source: '/a', target: 'b' }, 'Cannot mount {"source":"/a","target":"b"}: target "b" is not an absolute path'],
  ['/a/../b:/c', 'Cannot mount "/a/../b:/c": source "/a/../b" has a "." or ".."'],
  [42, 'Cannot mount 42: is not a volume'],
])('refuses %j', (value, message) => {
  expect(() => parse(value as VolumeProp)).toThrow(
    `${message}, expected "/source:/target[:ro]", or { source, target } for a path with a colon (at shop/host/web.volumes[0])`,
  );
});
