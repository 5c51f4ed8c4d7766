import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { gzip, rootOfImage, rootOfTar, sharedRootName, sharedRootTar } from '../../lib/archives';
import type { SharedRoot } from '../../lib/archives/shared-root';
import { ociEntries, sha256 } from './made-image';
import { type MadeEntry, tarOf } from './made-tar';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const file = (path: string, content = ''): MadeEntry => ({ path, content });
const symlink = (path: string, target: string): MadeEntry => ({ path, flag: '2', target });
const link = (path: string, target: string): MadeEntry => ({ path, flag: '1', target });

/** An archive of an image with these layers. */
function imageOf(layers: readonly Buffer[]): string {
  const path = join(dir, 'image.tar');
  writeFileSync(path, tarOf(ociEntries({ layers })));
  return path;
}

/** Unpacks a root and layers that a host lacks, as a host does. */
async function unpack(
  layers: readonly Buffer[],
  directory: string,
  missing = layers.map(sha256),
  place: Partial<SharedRoot> = {},
): Promise<Buffer> {
  const host = join(dir, 'host');
  mkdirSync(host, { recursive: true });
  const root = rootOfImage(imageOf(layers));
  const archive = await buffer(sharedRootTar({ root, directory, missing, name: 'root', extras: {}, ...place }));
  execFileSync('tar', ['-x', '-C', host, '-f', '-'], { input: archive });
  return archive;
}

const at = (...path: string[]) => join(dir, 'host', ...path);
const inode = (...path: string[]) => statSync(at(...path)).ino;

test('a root has the files of its layers as hard links, and what lies over them', async () => {
  const lower = tarOf([file('a', 'old'), file('b', 'kept'), file('gone'), symlink('s', 'b'), link('c', 'b')]);
  const upper = gzipSync(tarOf([file('a', 'new'), file('.wh.gone'), file('d/e', 'x')]));
  await unpack([lower, upper], 'one');
  expect(readFileSync(at('one/root/a'), 'utf8')).toBe('new');
  expect(readFileSync(at('one/root/s'), 'utf8')).toBe('kept');
  expect(readFileSync(at('one/root/d/e'), 'utf8')).toBe('x');
  expect(readdirSync(at('one/root')).sort().join(' ')).toBe('a b c d dev etc proc run s sys tmp var');
  expect(inode('one/root/b')).toBe(inode('one/root/c'));
  expect(inode('one/root/b')).toBe(inode('layers', sha256(lower), '1'));
  expect(inode('one/root/a')).toBe(inode('layers', sha256(upper), '0'));
  expect(readFileSync(at('one/layers'), 'utf8')).toBe(`${sha256(lower)}\n${sha256(upper)}\n`);
});

test('a layer that the host has is not sent again, and is linked to', async () => {
  const lower = tarOf([file('big', 'x'.repeat(100_000)), file('a', 'old')]);
  const [first, second] = ['1', '2'].map((version) => tarOf([file('a', version)])) as [Buffer, Buffer];
  await unpack([lower, first], 'one');
  const sent = await unpack([lower, second], 'two', [sha256(second)]);
  expect(sent.length).toBeLessThan(20_000);
  expect(inode('two/root/big')).toBe(inode('one/root/big'));
  expect(readFileSync(at('two/root/a'), 'utf8')).toBe('2');
  expect(readFileSync(at('one/root/a'), 'utf8')).toBe('1');
});

test('a layer that stands twice in an image is sent once', async () => {
  const layer = tarOf([file('a', 'x'.repeat(50_000))]);
  expect((await unpack([layer, tarOf([file('.wh.a')]), layer], 'one')).length).toBeLessThan(70_000);
  expect(readFileSync(at('one/root/a'), 'utf8')).toHaveLength(50_000);
});

test('mount points come to what the image has, inside of the root', async () => {
  const layer = tarOf([
    { path: 'tmp', flag: '5', mode: 0o700 },
    symlink('etc', '/outside'),
    symlink('var', '../../up'),
    file('proc', 'a file'),
  ]);
  await unpack([layer], 'one');
  expect(statSync(at('one/root/tmp')).mode & 0o7777).toBe(0o700);
  expect(readdirSync(at('one/root/outside')).sort()).toEqual(['hostname', 'hosts', 'machine-id', 'resolv.conf']);
  expect(statSync(at('one/root/up/tmp')).isDirectory()).toBe(true);
  expect(readFileSync(at('one/root/proc'), 'utf8')).toBe('a file');
  expect(readdirSync(dir).sort()).toEqual(['host', 'image.tar']);
});

test('no path of an image is one in a layer', async () => {
  const layer = tarOf([file('complete', 'not yet'), file('0', 'zero'), symlink('link', '/etc')]);
  await unpack([layer], 'one');
  expect(readdirSync(at('layers', sha256(layer))).sort()).toEqual(['0', '1', 'complete']);
  expect(statSync(at('layers', sha256(layer), 'complete')).size).toBe(0);
});

test('a layer with another digest is never complete', async () => {
  const layer = tarOf([file('a', 'x')]);
  const path = join(dir, 'root.tar');
  writeFileSync(path, layer);
  const root = rootOfTar(path, 'f'.repeat(64));
  const archive = sharedRootTar({ root, directory: 'one', name: 'root', extras: {}, missing: ['f'.repeat(64)] });
  await expect(archive.next()).rejects.toThrow('has the digest');
});

test('files come to it where the image has none, in a directory with a name of its own', async () => {
  const layer = tarOf([file('usr/lib/os-release', 'of the image'), symlink('etc', '/usr/etc')]);
  const files = { 'usr/lib/os-release': 'of ours', '/usr/lib/systemd/system/a.service': '[Unit]\n', 'etc/x': 'x' };
  await unpack([layer], 'one', [sha256(layer)], { name: 'a_1', extras: { files } });
  const text = (path: string) => readFileSync(at('one/a_1', path), 'utf8');
  expect(text('usr/lib/os-release')).toBe('of the image');
  expect(text('usr/lib/systemd/system/a.service')).toBe('[Unit]\n');
  expect(text('usr/etc/x')).toBe('x');
  expect(readdirSync(at('one')).sort()).toEqual(['a_1', 'layers']);
});

test('a root is named by its image, and by what it has beside that', () => {
  const digest = 'a'.repeat(64);
  expect(sharedRootName(digest, {})).toBe(digest);
  const points = [['/a'], ['/b'], ['/a', '/b'], ['/a/b']].map((mountPoints) => ({ mountPoints }));
  const extras = [
    ...points,
    { label: 'a' },
    { files: { a: '' } },
    { files: { a: 'x' } },
    { files: { a: '' }, label: 'a' },
  ];
  const names = extras.map((extra) => sharedRootName(digest, extra));
  expect(new Set(names).size).toBe(8);
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{64}$/);
});

test('what fails while it is compressed is thrown by the compressed stream', async () => {
  async function* broken() {
    yield Buffer.from('some');
    throw new Error('broken off');
  }
  await expect(buffer(gzip(broken()))).rejects.toThrow('broken off');
});
