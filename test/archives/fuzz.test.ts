import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ArchiveError, ociLayout, openImageArchive, rootOfImage, rootOfTar } from '../../lib/archives';
import { readTar } from '../../lib/archives/read-tar';
import fc from '../fast-check';
import { flatRoot } from './flat-root';
import { dockerEntries, ociEntries, sha256 } from './made-image';
import { type MadeEntry, tarOf } from './made-tar';

jest.setTimeout(60_000);

const dir = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
afterAll(() => rmSync(dir, { recursive: true }));
const path = join(dir, 'x.tar');

/** The result, or an ArchiveError; anything else that is thrown fails the test. */
async function unlessRefused<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ArchiveError) return undefined;
    throw error;
  }
}

const name = fc.constantFrom('a', 'b', 'etc', '..', '.', '', '.wh.a', '.wh..wh..opq', 'dev');
const anyPath = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/') || 'x');
const anyEntry: fc.Arbitrary<MadeEntry> = fc.record({
  path: anyPath,
  flag: fc.constantFrom('0', '0', '1', '2', '2', '3', '5', '5', '6', 'L', 'K', 'x', 'g', 'S'),
  target: anyPath,
  content: fc.oneof({ weight: 4, arbitrary: fc.constant('') }, fc.string(), anyPath),
});
const entries = fc.array(anyEntry, { maxLength: 12 });

/** Changes some bytes of an archive, or cuts it. */
const damage = fc.record({
  bytes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
  length: fc.option(fc.nat()),
});
function damaged(archive: Buffer, { bytes, length }: { bytes: [number, number][]; length: number | null }): Buffer {
  const copy = Buffer.from(archive);
  for (const [at, byte] of bytes) copy[at % copy.length] = byte;
  return copy.subarray(0, length === null ? undefined : length % copy.length);
}

/** What must hold for each root that is unpacked as root: nothing in it leads out. */
async function expectInside(root: Buffer): Promise<void> {
  const types = new Map<string, string>();
  for await (const part of readTar(Readable.from([root]), { file: 'root' })) {
    if (Buffer.isBuffer(part)) continue;
    expect(posix.join('/', part.path)).toBe(`/${part.path}`);
    expect(part.path).toMatch(/^root(?:\/|$)/);
    expect(types.has(part.path)).toBe(false);
    if (part.type === 'link') expect(types.get(part.target)).not.toBe('directory');
    if (part.type === 'link') expect(types.has(part.target)).toBe(true);
    types.set(part.path, part.type);
  }
  for (const each of types.keys())
    for (let at = posix.dirname(each); at !== '.'; at = posix.dirname(at))
      expect([undefined, 'directory']).toContain(types.get(at));
}

test('any entries make a root that nothing leads out of, or are refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entries, { minLength: 1, maxLength: 3 }), async (layers) => {
      writeFileSync(path, tarOf(ociEntries({ layers: layers.map(tarOf) })));
      const root = await unlessRefused(() => flatRoot(rootOfImage(path)));
      if (root) await expectInside(root);
      const archive = tarOf(layers.flat());
      writeFileSync(path, archive);
      const one = await unlessRefused(() => flatRoot(rootOfTar(path, sha256(archive))));
      if (one) await expectInside(one);
    }),
    { numRuns: 200 },
  );
});

const layer = tarOf([{ path: 'a', content: 'x' }]);
const images = [ociEntries, dockerEntries].map((entriesOf) => tarOf(entriesOf({ layers: [layer, tarOf([])] })));

test('an archive of an image in which bytes were changed holds what its digests say, or is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...images), damage, async (archive, change) => {
      writeFileSync(path, damaged(archive, change));
      const layout = await unlessRefused(async () => buffer(ociLayout(openImageArchive(path))));
      if (!layout) return;
      for await (const part of readTar(Readable.from([layout]), { file: 'layout' }))
        if (!Buffer.isBuffer(part))
          expect(part).toMatchObject({
            path: expect.stringMatching(/^(oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/),
            type: 'file',
          });
    }),
    { numRuns: 200 },
  );
});

test('a tar archive in which bytes were changed is read to its end, or is refused', async () => {
  const archive = tarOf([
    { path: 'a', content: 'x'.repeat(600) },
    { path: 'b', flag: '2', target: 'a' },
  ]);
  await fc.assert(
    fc.asyncProperty(damage, async (change) => {
      await unlessRefused(async () => {
        for await (const _ of readTar(Readable.from([damaged(archive, change)]), { file: 'x' }));
      });
    }),
    { numRuns: 200 },
  );
});
