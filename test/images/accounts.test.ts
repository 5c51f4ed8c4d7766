import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openImageArchive } from '../../lib/archives';
import { accountFiles } from '../../lib/images/accounts';
import { ociEntries } from '../archives/made-image';
import { type MadeEntry, tarOf } from '../archives/made-tar';
import { temporaryDirectory } from '../constructs/testing';

let cache: string | undefined;
beforeEach(() => {
  cache = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = temporaryDirectory();
});
afterEach(() => {
  if (cache === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cache;
});

function found(...layers: readonly (readonly MadeEntry[] | Buffer)[]) {
  const file = join(temporaryDirectory(), 'image.tar');
  const bytes = layers.map((layer) => (Buffer.isBuffer(layer) ? layer : tarOf(layer)));
  writeFileSync(file, tarOf(ociEntries({ layers: bytes })));
  const archive = openImageArchive(file);
  return accountFiles({ file, digest: archive.manifest.digest, layers: archive.layers });
}

const passwd = (content: string): MadeEntry => ({ path: 'etc/passwd', content });
const group = (content: string): MadeEntry => ({ path: './etc/group', content });

test('those of the topmost layer that has them count', () => {
  expect(found([passwd('old'), group('g')], [passwd('new')], [{ path: 'a' }])).toEqual({ passwd: 'new', group: 'g' });
});

test('those that a layer removes are not there', () => {
  const lowest = [passwd('p'), group('g')];
  expect(found(lowest, [{ path: 'etc/.wh.passwd' }])).toEqual({ group: 'g' });
  expect(found(lowest, [{ path: 'etc/.wh..wh..opq' }])).toEqual({});
  expect(found(lowest, [{ path: 'etc/.wh..wh..opq' }, passwd('new')])).toEqual({ passwd: 'new' });
  expect(found(lowest, [{ path: 'etc/passwd', flag: '2', target: '/shadow' }])).toEqual({ group: 'g' });
});

test('layers may be compressed, and lack their end', () => {
  const layer = tarOf([passwd('p')]);
  expect(found(execFileSync('gzip', ['-c'], { input: layer }))).toEqual({ passwd: 'p' });
  expect(found(execFileSync('zstd', ['-c'], { input: layer }))).toEqual({ passwd: 'p' });
  expect(found(layer.subarray(0, 1024))).toEqual({ passwd: 'p' });
});
