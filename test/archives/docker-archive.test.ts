import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { ArchiveError, dockerArchive, layersThere, openImageArchive } from '../../lib/archives';
import { readTar } from '../../lib/archives/read-tar';
import { type MadeImage, ociEntries, sha256 } from './made-image';
import { tarOf } from './made-tar';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function opened(image: MadeImage) {
  const path = join(dir, 'image.tar');
  writeFileSync(path, tarOf(ociEntries(image)));
  return openImageArchive(path);
}

/** What docker gets of an image: content by path. */
async function written(image: ReturnType<typeof opened>, skip: number): Promise<Map<string, string>> {
  const content = new Map<string, string>();
  let path = '';
  for await (const part of readTar(Readable.from(dockerArchive(image, 'localhost/web:1', skip)), { file: 'load' })) {
    if (Buffer.isBuffer(part)) content.set(path, content.get(path) + part.toString('latin1'));
    else {
      path = part.path;
      content.set(path, '');
    }
  }
  return content;
}

const layers = ['a', 'b', 'c'].map((name) => tarOf([{ path: name, content: name.repeat(1000) }]));
const ids = layers.map((layer) => `sha256:${sha256(layer)}`);
const blob = (content: Buffer | string) => `blobs/sha256/${sha256(content)}`;

test('an image is written with its configuration, its layers and its name', async () => {
  const image = opened({ layers });
  const files = await written(image, 0);
  expect([...files.keys()]).toEqual([
    `blobs/sha256/${image.config.digest}`,
    ...layers.map((layer) => blob(layer)),
    'manifest.json',
  ]);
  expect(JSON.parse(files.get('manifest.json') ?? '')).toEqual([
    {
      Config: `blobs/sha256/${image.config.digest}`,
      RepoTags: ['localhost/web:1'],
      Layers: layers.map((layer) => blob(layer)),
    },
  ]);
  expect(files.get(blob(layers[1] ?? ''))).toBe(layers[1]?.toString('latin1'));
});

test('layers that are there are named and not written, and one that comes twice is written once', async () => {
  const [a, b] = layers as [Buffer, Buffer];
  const files = await written(opened({ layers: [a, b, a, a] }), 2);
  expect([...files.keys()].filter((path) => path === blob(a) || path === blob(b))).toEqual([blob(a)]);
  expect(JSON.parse(files.get('manifest.json') ?? '')[0].Layers).toEqual([a, b, a, a].map(blob));
});

test.each<[string, string[][], number]>([
  ['nothing is there', [], 0],
  ['another image begins otherwise', [[ids[1] ?? '', ids[0] ?? '']], 0],
  ['images have the first ones', [[ids[0] ?? '', 'sha256:x'], ids.slice(0, 2), []], 2],
  ['the image is there', [[...ids, 'sha256:x']], 3],
])('%s', (_, there, expected) => {
  expect(layersThere(opened({ layers }), there)).toBe(expected);
});

test('layers are known by what they hold, however they are compressed', async () => {
  const [layer = Buffer.alloc(0)] = layers;
  const rootfs = { diff_ids: [ids[0]] };
  const image = opened({ layers: [gzipSync(layer)], rootfs });
  expect(layersThere(image, [[ids[0] ?? '']])).toBe(1);
});

test.each([[{ diff_ids: [] }], [{ diff_ids: [1] }], [null], [{}]])(
  'an image with the layers %j is refused',
  (rootfs) => {
    expect(() => layersThere(opened({ layers, rootfs }), [])).toThrow(ArchiveError);
  },
);

test('a layer that does not have its digest ends the archive with an error', async () => {
  const image = opened({ layers });
  const path = join(dir, 'image.tar');
  const [first] = image.layers;
  const bytes = tarOf(ociEntries({ layers }));
  bytes.write('!', first?.offset ?? 0);
  writeFileSync(path, bytes);
  await expect(written(image, 0)).rejects.toThrow('has the digest');
});
