import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tarParts } from '../../lib/engine/tar-parts';

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

/** In pieces of odd sizes, as a stream may come. */
async function* pieces(archive: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0, size = 1; at < archive.length; at += size, size = (size * 7) % 4099)
    yield archive.subarray(at, at + size);
}

async function read(archive: Buffer) {
  const entries: { path: string; directory: boolean; bytes: number }[] = [];
  const copy: Buffer[] = [];
  for await (const part of tarParts(pieces(archive))) {
    const entry = entries.at(-1);
    if (!Buffer.isBuffer(part)) {
      const path = Buffer.from(part.path, 'latin1').toString();
      entries.push({ path, directory: part.directory, bytes: 0 });
      copy.push(part.header);
    } else {
      if (entry) entry.bytes += part.length;
      copy.push(part);
    }
  }
  return { entries, copy: Buffer.concat(copy) };
}

test.each(['gnu', 'pax', 'ustar', 'oldgnu'])(
  'an archive of format %s is cut into its entries, and no byte changes',
  async (format) => {
    const archive = pack(`--format=${format}`, ...(format === 'ustar' ? ['--exclude=*long-*', '--exclude=link'] : []));
    const { entries, copy } = await read(archive);
    const listed = execFileSync('tar', ['-t', '--quoting-style=literal', '-f', '-'], { input: archive }).toString();
    expect(entries.map(({ path }) => path)).toEqual(listed.trimEnd().split('\n'));
    expect(entries.filter(({ directory }) => directory).map(({ path }) => path)).toEqual(
      listed.split('\n').filter((path) => path.endsWith('/')),
    );
    expect(entries.find(({ path }) => path === './large')?.bytes).toBe(Math.ceil(200_000 / 512) * 512);
    expect(archive.subarray(0, copy.length).equals(copy)).toBe(true);
    expect(archive.subarray(copy.length).every((byte) => byte === 0)).toBe(true);
  },
);

test('an archive that ends too early, and what is none, is refused', async () => {
  const archive = pack('--format=gnu');
  const end = archive.indexOf('./large') + 1024;
  await expect(read(archive.subarray(0, end))).rejects.toThrow('the archive ends within ./large');
  await expect(read(Buffer.alloc(1024, 'x'))).rejects.toThrow('it is no tar archive');
});
