import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ArchiveError } from '../../lib/archives';
import { readTar } from '../../lib/archives/read-tar';
import type { TarEntry } from '../../lib/archives/tar-header';
import { END_OF_TAR, tarHeader } from '../../lib/archives/write-tar';
import { madeEntry, record, tarOf } from './made-tar';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
  const long = 'long-'.repeat(30);
  mkdirSync(join(dir, 'in', long), { recursive: true });
  writeFileSync(join(dir, 'in', long, `${long}ä`), 'deep');
  writeFileSync(join(dir, 'in', 'empty'), '');
  writeFileSync(join(dir, 'in', 'large'), '');
  truncateSync(join(dir, 'in', 'large'), 200_000);
  symlinkSync(join('/', long), join(dir, 'in', 'link'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const pack = (...options: string[]): Buffer =>
  execFileSync('tar', ['-c', '-f', '-', '-C', join(dir, 'in'), ...options, '--sort=name', '.'], { maxBuffer: 1e7 });
const list = (archive: Buffer) =>
  execFileSync('tar', ['-t', '-v', '--full-time', '--numeric-owner', '--quoting-style=literal', '-f', '-'], {
    input: archive,
  }).toString();

/** In pieces of odd sizes, as a stream may come. */
async function* pieces(archive: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0, size = 1; at < archive.length; at += size, size = (size * 7) % 4099)
    yield archive.subarray(at, at + size);
}

async function read(archive: Buffer, mayLackEnd = false) {
  const entries: (TarEntry & { content: Buffer })[] = [];
  for await (const part of readTar(pieces(archive), { file: 'x.tar', mayLackEnd })) {
    const entry = entries.at(-1);
    if (!Buffer.isBuffer(part)) entries.push({ ...part, content: Buffer.alloc(0) });
    else if (entry) entry.content = Buffer.concat([entry.content, part]);
  }
  return entries;
}

test.each(['gnu', 'pax', 'ustar', 'oldgnu'])(
  'an archive of format %s is read as tar reads it, and written anew with the same meaning',
  async (format) => {
    const archive = pack(`--format=${format}`, ...(format === 'ustar' ? ['--exclude=*long-*', '--exclude=link'] : []));
    const entries = await read(archive);
    expect(entries.find(({ path }) => path === './large')?.content).toHaveLength(200_000);
    const blocks = entries.flatMap((entry) => [
      tarHeader(entry),
      entry.content,
      Buffer.alloc((512 - (entry.size % 512)) % 512),
    ]);
    // The fraction of a second that only one of the formats has.
    const seconds = (text: string) => text.replaceAll(/(:\d\d)\.\d+/g, '$1');
    expect(seconds(list(Buffer.concat([...blocks, END_OF_TAR])))).toBe(seconds(list(archive)));
  },
);

test('numbers that octal digits can not hold are kept', async () => {
  const entry = { path: 'x', type: 'directory', size: 0, mode: 0o755, uid: 3_000_000, gid: 4e9, mtime: -1 } as const;
  const [again] = await read(Buffer.concat([tarHeader({ ...entry, target: '', attributes: new Map() }), END_OF_TAR]));
  expect(again).toMatchObject(entry);
});

const header = madeEntry({ path: 'x' });
const damaged = (at: number, text: string) => {
  const block = Buffer.from(header);
  block.write(text, at, 'latin1');
  return block;
};

test.each<[what: string, archive: Buffer, error: RegExp]>([
  ['that is none', Buffer.alloc(1024, 'x'), /is damaged: a header has a wrong checksum, expected a tar archive/],
  ['of which a byte was changed', damaged(0, 'y'), /wrong checksum/],
  [
    'that is cut off within a file',
    tarOf([{ path: 'a', content: 'x'.repeat(2000) }]).subarray(0, 1024),
    /entry "a" is cut off/,
  ],
  ['that is cut off within a header', tarOf([{ path: 'a' }]).subarray(0, 300), /is cut off/],
  ['that lacks its end', madeEntry({ path: 'a' }), /is cut off/],
  [
    'with a file of 8 exabytes',
    tarOf([{ path: 'a', pax: record('size', '9'.repeat(19)) }]),
    /"a" has a size of 10000000000000000000/,
  ],
  ['with a negative size', tarOf([{ path: 'a', pax: record('size', '-5') }]), /"a" has a size of -5/],
  ['with a size that is no number', tarOf([{ path: 'a', pax: record('size', '0x10') }]), /damaged size/],
  ['with a pax header whose length lies', tarOf([{ path: 'a', pax: '99 path=b\n' }]), /damaged pax header/],
  ['with a pax record without an end', tarOf([{ path: 'a', pax: '8 path=b' }]), /damaged pax header/],
  [
    'with a pax record twice',
    tarOf([{ path: 'a', pax: record('path', 'b') + record('path', 'c') }]),
    /damaged pax header/,
  ],
  ['with a pax path that has a NUL', tarOf([{ path: 'a', pax: record('path', 'b\0c') }]), /has no path/],
  [
    'with a global pax header that renames all files',
    tarOf([{ path: 'g', flag: 'g', content: record('path', 'b') }, { path: 'a' }]),
    /global pax header that sets path/,
  ],
  [
    'with text about an entry that is too long',
    tarOf([{ path: 'L', flag: 'L', size: 1 << 30 }]),
    /1073741824 bytes of text/,
  ],
  ['with a sparse file of GNU tar', tarOf([{ path: 'a', flag: 'S' }]), /"a" is sparse/],
  [
    'with a sparse file in a pax header',
    tarOf([{ path: 'a', pax: record('GNU.sparse.realsize', '1') }]),
    /"a" is sparse/,
  ],
  ['with a type that nobody knows', tarOf([{ path: 'a', flag: 'Z' }]), /"a" is of type "Z"/],
  [
    'with a directory that has content',
    tarOf([{ path: 'a', flag: '5', content: 'x' }]),
    /is a directory and has content/,
  ],
  ['with a link that leads nowhere', tarOf([{ path: 'a', flag: '2' }]), /"a" leads nowhere/],
])('an archive %s is refused by name', async (_, archive, error) => {
  const reading = read(archive);
  await expect(reading).rejects.toThrow(ArchiveError);
  await expect(reading).rejects.toThrow(/^Cannot read archive "x\.tar": .*, expected /);
  await expect(reading).rejects.toThrow(error);
});

test('the end may be missing where a digest says that the archive is complete', async () => {
  expect((await read(madeEntry({ path: 'a' }), true)).map(({ path }) => path)).toEqual(['a']);
});

test('bytes after the end are read, so that a stream can say whether it was complete', async () => {
  const archive = Buffer.concat([tarOf([{ path: 'a' }]), Buffer.alloc(100_000)]);
  expect(await read(gunzipSync(gzipSync(archive)))).toHaveLength(1);
});
