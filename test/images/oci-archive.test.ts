import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { imageConfig, openImageArchive } from '../../lib/archives';
import { readBlob } from '../../lib/archives/blob';
import { imageCache } from '../../lib/images/cache';
import { ociArchiveOf } from '../../lib/images/oci-archive';
import { sha256 } from '../archives/made-image';
import { type MadeEntry, tarOf } from '../archives/made-tar';
import { temporaryDirectory } from '../constructs/testing';

let cache: string | undefined;
let dir: string;
beforeEach(() => {
  cache = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = temporaryDirectory();
  dir = temporaryDirectory();
});
afterEach(() => {
  if (cache === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cache;
});

const ENTRIES: readonly MadeEntry[] = [
  { path: './', flag: '5', mode: 0o755 },
  { path: 'dev/null', flag: '3' },
  { path: 'bin/program', content: 'x'.repeat(3_000_000), mode: 0o4755 },
  { path: 'link', flag: '2', target: 'bin/program' },
];

function made(entries = ENTRIES, program?: string, name = 'root.tar'): string {
  const tar = join(dir, name);
  writeFileSync(tar, tarOf(entries));
  if (program) writeFileSync(tar, execFileSync(program, ['-c', tar]));
  return ociArchiveOf({ tar, digest: sha256(readFileSync(tar)), architecture: 'arm64' });
}

test('a root becomes an image of one layer, without devices', async () => {
  const archive = openImageArchive(made());
  expect(imageConfig(archive)).toMatchObject({ architecture: 'arm64', entrypoint: [], command: [] });
  const [layer] = archive.layers;
  if (!layer) throw new Error('there is no layer');
  const input = await buffer(readBlob(archive.file, layer));
  const listed = execFileSync('tar', ['-tv', '--numeric-owner'], { input }).toString().replace(/ +/g, ' ');
  expect(listed).toMatch(/-rwsr-xr-x \S+ 3000000 \S+ \S+ bin\/program\n/);
  expect(listed).toMatch(/link -> bin\/program\n/);
  expect(listed).not.toContain('dev/null');
});

test('the same files are the same image, however they are compressed', () => {
  const images = [undefined, 'gzip', 'xz', 'zstd', 'bzip2'].map((program, at) => made(ENTRIES, program, `${at}.tar`));
  const digests = images.map((image) => openImageArchive(image).manifest.digest);
  expect(new Set(digests).size).toBe(1);
});

test('one that was made before serves again, and gives way when the root changes', () => {
  const first = made();
  writeFileSync(first, 'from before');
  expect(made()).toBe(first);
  expect(readFileSync(first, 'utf8')).toBe('from before');
  const second = made([{ path: 'other', content: 'y' }]);
  expect(readdirSync(imageCache())).toEqual([second.split('/').pop()]);
});

test.each<[string, readonly MadeEntry[], string]>([
  ['a path that climbs', [{ path: '../x' }], 'entry "../x" leads out of the root'],
  ['a device elsewhere', [{ path: 'sda', flag: '4' }], 'entry "sda" is a device'],
  ['a file that would remove others', [{ path: 'etc/.wh.passwd' }], "has a name that an image can't have"],
  ['a file twice', [{ path: 'a' }, { path: 'a' }], 'entry "a" is there twice'],
])('%s is refused, and nothing of it stays', (_, entries, message) => {
  expect(() => made(entries)).toThrow(message);
  expect(readdirSync(imageCache())).toEqual([]);
});

test('what is damaged, cut off or no archive is refused', () => {
  const tar = join(dir, 'root.tar.gz');
  const whole = execFileSync('gzip', ['-c'], { input: tarOf(ENTRIES) });
  const opening = (content: Buffer) => () => {
    writeFileSync(tar, content);
    ociArchiveOf({ tar, digest: sha256(content), architecture: 'amd64' });
  };
  expect(opening(whole.subarray(0, whole.length - 100))).toThrow(/is damaged: .*unexpected end of file/);
  expect(opening(tarOf(ENTRIES).subarray(0, 2000))).toThrow('is cut off');
  expect(opening(Buffer.from('no archive'.padEnd(1024)))).toThrow('a header has a wrong checksum');
});
