import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFile, type ConfigFileProps } from 'bulkhead';
import { host, temporaryDirectory } from '../testing';

const make = (props: Partial<ConfigFileProps>) =>
  new ConfigFile(host(), 'conf', { path: '/etc/app.conf', ...props } as ConfigFileProps);
const written = (bytes: string | Buffer) => {
  const path = join(temporaryDirectory(), 'source');
  writeFileSync(path, bytes);
  return path;
};

test('a file is a service of its own', () => {
  const file = make({ content: 'a = ${b}\n', mode: '640', group: 'adm' });
  expect(file.manifest).toEqual({
    name: 'conf',
    project: expect.any(String),
    stack: 'shop',
    path: 'shop/host/conf',
    runtime: 'file',
    files: { '/etc/app.conf': { content: 'a = ${b}\n', mode: '0640', owner: 'root', group: 'adm' } },
    objects: {},
    units: {},
    needs: { 'group adm': 'group' },
  });
});

test('a small source is read in, a large or binary one travels as an asset', () => {
  expect(make({ source: written('text') }).manifest.files['/etc/app.conf']).toMatchObject({ content: 'text' });
  for (const bytes of ['x'.repeat(70_000), Buffer.from([0xff, 0xfe]), 'nul\0', 'cafe\u0301']) {
    const path = written(bytes);
    const file = make({ source: path });
    const [asset] = file.assets;
    expect(asset).toEqual({ digest: expect.stringMatching(/^[0-9a-f]{64}$/), file: path });
    expect(file.manifest.files['/etc/app.conf']).toEqual({
      asset: asset?.digest,
      mode: '0644',
      owner: 'root',
      group: 'root',
    });
    expect(file.fingerprint).toBe(asset?.digest);
  }
});

test.each<[Partial<ConfigFileProps>, string]>([
  [{}, 'neither is given, expected either content or source (at shop/host/conf)'],
  [{ content: '', source: 'x' }, 'both are given, expected either content or source (at shop/host/conf)'],
  [
    { source: '/nowhere' },
    'Cannot read "/nowhere": does not exist, expected a file on this machine (at shop/host/conf.source)',
  ],
  [
    { content: '', path: 'etc/x' },
    'Cannot write file "etc/x": is not a file path, expected an absolute path, known at synthesis, without ".", ".." and line breaks (at shop/host/conf.path)',
  ],
  [{ content: '', path: '/etc/../x' }, 'is not a file path'],
  [{ content: '', path: '/etc/' }, 'is not a file path'],
  [{ content: '', path: '/etc/a\nb' }, 'Cannot write file "/etc/a\\nb": is not a file path'],
  [{ content: '', path: '/etc/\r/../b' }, 'is not a file path'],
  [{ content: '', path: '/etc/\ud800' }, 'is not a file path'],
  [{ content: 'a\udc00' }, 'Cannot write "a\\udc00": is not valid UTF-16, expected text (at shop/host/conf.content)'],
  [{ content: 'ok\ncafe\u0301' }, 'Cannot write "cafe\u0301": has a letter and its accent as two characters'],
  [
    { content: '', mode: 'rw' },
    'Cannot set mode to "rw": is not a mode, expected octal digits such as "0644" (at shop/host/conf.mode)',
  ],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});
