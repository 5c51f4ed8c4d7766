import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import {
  ArchiveError,
  checkFile,
  imageConfig,
  type LayoutOptions,
  ociLayout,
  openImageArchive,
} from '../../lib/archives';
import { readTar } from '../../lib/archives/read-tar';
import { dockerEntries, type MadeImage, ociEntries, sha256 } from './made-image';
import { type MadeEntry, madeEntry, tarOf } from './made-tar';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function written(content: Buffer): string {
  const path = join(dir, 'image.tar');
  writeFileSync(path, content);
  return path;
}
const opened = (entries: readonly MadeEntry[]) => openImageArchive(written(tarOf(entries)));

/** What a host gets of an archive: content by path. */
async function layoutOf(file: string, options: LayoutOptions = {}): Promise<Map<string, Buffer>> {
  const chunks = new Map<string, Buffer[]>();
  let path = '';
  for await (const part of readTar(Readable.from(ociLayout(openImageArchive(file), options)), { file: 'layout' })) {
    if (Buffer.isBuffer(part)) chunks.get(path)?.push(part);
    else {
      path = part.path;
      chunks.set(path, []);
    }
  }
  return new Map([...chunks].map(([name, parts]) => [name, Buffer.concat(parts)]));
}

const layer = tarOf([{ path: 'a', content: 'x' }]);
const config = { Cmd: ['/bin/a'], Env: ['A=b=c', 'EMPTY'], StopSignal: 'term', User: '1' };

describe.each([
  ['an OCI archive', ociEntries],
  ['an archive of docker', dockerEntries],
])('%s', (_, entriesOf) => {
  test('is sent without the layers that a host has, under a name', async () => {
    const file = written(tarOf(entriesOf({ layers: [layer, tarOf([])], config })));
    const [all, some] = [
      await layoutOf(file),
      await layoutOf(file, { without: new Set([sha256(layer)]), name: 'x:1' }),
    ];
    const left = [...all.keys()].filter((path) => path !== `blobs/sha256/${sha256(layer)}`);
    expect([...some.keys()]).toEqual(left);
    expect(left.length).toBe(all.size - 1);
    const manifestsOf = (layout: Map<string, Buffer>) => JSON.parse(String(layout.get('index.json'))).manifests;
    const [{ annotations, ...manifest }] = manifestsOf(some);
    expect(annotations).toEqual({ 'io.containerd.image.name': 'x:1' });
    expect([manifest]).toEqual(manifestsOf(all));
  });

  test('is read, whatever the order of its entries', () => {
    const entries = entriesOf({ layers: [layer, tarOf([])], config });
    for (const some of [entries, [...entries].reverse(), [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))]) {
      const archive = opened(some);
      expect(imageConfig(archive)).toMatchObject({ command: ['/bin/a'], stopSignal: 'SIGTERM', user: '1' });
      expect(imageConfig(archive).environment).toEqual({ A: 'b=c', EMPTY: '' });
      expect(archive.layers.map(({ digest }) => digest)).toEqual([layer, tarOf([])].map(sha256));
    }
  });

  test('of 20 MB is read and written anew: an image without names, and nothing else', async () => {
    const large = tarOf([{ path: 'data', content: randomBytes(20 << 20) }]);
    const file = written(tarOf(entriesOf({ layers: [layer, large, layer], config })));
    const files = await layoutOf(file);
    const { manifests } = JSON.parse(files.get('index.json')?.toString() ?? '');
    expect(manifests).toEqual([
      { mediaType: expect.any(String), digest: expect.any(String), size: expect.any(Number) },
    ]);
    for (const [path, content] of files)
      if (path.startsWith('blobs/')) expect(path).toBe(`blobs/sha256/${sha256(content)}`);
    expect([...files.keys()].filter((path) => !path.startsWith('blobs/'))).toEqual(['oci-layout', 'index.json']);
    expect(files.size).toBe(6);
    expect(files.get(`blobs/sha256/${sha256(large)}`)?.equals(large)).toBe(true);
  });

  test('with a layer that is another one than its digest says ends in an error', async () => {
    const entries = entriesOf({ layers: [layer] }).map((entry) =>
      entry.path.includes(sha256(layer)) && entry.flag === undefined
        ? { ...entry, content: Buffer.alloc(layer.length, 'y') }
        : entry,
    );
    const reading = buffer(ociLayout(opened(entries)));
    await expect(reading).rejects.toThrow(/entry ".*" has the digest sha256:.*, expected sha256:/);
  });

  test('that is cut off anywhere is refused', async () => {
    const whole = tarOf(entriesOf({ layers: [layer] }));
    for (let at = 0; at < whole.length - 1024; at += 512) {
      expect(() => openImageArchive(written(whole.subarray(0, at)))).toThrow(ArchiveError);
    }
  });

  test('that is compressed as a whole is refused by name', () => {
    const file = written(gzipSync(tarOf(entriesOf({ layers: [layer] }))));
    expect(() => openImageArchive(file)).toThrow(
      /image\.tar": is compressed with gzip, expected an uncompressed archive/,
    );
  });
});

test('an index that also has what attests how the image was made has one image', () => {
  const attestation = {
    digest: `sha256:${'a'.repeat(64)}`,
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  };
  const other = { digest: `sha256:${'b'.repeat(64)}`, platform: { architecture: 'arm64' } };
  const index: MadeImage['index'] = ({ manifests }) => ({ manifests: [other, attestation, ...manifests] });
  expect(opened(ociEntries({ layers: [layer], index })).layers).toHaveLength(1);
});

test('GNU tar, which writes paths with "./", makes an archive that is read', () => {
  for (const { path, content = '' } of ociEntries({ layers: [layer] })) {
    if (path.endsWith('/')) mkdirSync(join(dir, 'layout', path), { recursive: true });
    else writeFileSync(join(dir, 'layout', path), content);
  }
  for (const format of ['gnu', 'pax', 'ustar']) {
    execFileSync('tar', ['-c', `--format=${format}`, '-f', join(dir, 'x.tar'), '-C', join(dir, 'layout'), '.']);
    expect(openImageArchive(join(dir, 'x.tar')).layers).toHaveLength(1);
  }
});

const image = (more: Partial<MadeImage> = {}) => ociEntries({ layers: [layer], ...more });
const digestOfLayer = sha256(layer);

test.each<[what: string, entries: readonly MadeEntry[], error: string]>([
  [
    'a link in the place of its index',
    [...image(), { path: 'index.json', flag: '2', target: '/etc/x' }],
    'entry "index.json" is there twice',
  ],
  [
    'a link beside it',
    [...image(), { path: 'link', flag: '2', target: '/etc' }],
    'entry "link" is a symlink that does not belong there',
  ],
  [
    'a hard link',
    [...image(), { path: 'oci-layout2', flag: '1', target: '/etc/x' }],
    'is a link that does not belong there',
  ],
  [
    'a link as a blob',
    [...image(), { path: `blobs/sha256/${'a'.repeat(64)}`, flag: '2', target: '/etc/shadow' }],
    'is a symlink that does not belong',
  ],
  [
    'a link as the directory of its blobs',
    [{ path: 'blobs', flag: '2', target: '/etc' }, ...image()],
    'is there twice',
  ],
  [
    'a path that climbs',
    [...image(), { path: '../../etc/cron.d/x' }],
    'entry "../../etc/cron.d/x" is a file that does not',
  ],
  [
    'an absolute path',
    [...image(), { path: '/etc/cron.d/x' }],
    'entry "/etc/cron.d/x" is a file that does not belong there',
  ],
  ['a device', [...image(), { path: 'blobs/sha256/sda', flag: '4' }], 'is a device that does not belong there'],
  [
    'a program that runs as root',
    [...image(), { path: 'sh', mode: 0o4755 }],
    'entry "sh" is a file that does not belong there',
  ],
  [
    'a blob twice',
    [...image(), { path: `./blobs/sha256/${digestOfLayer}` }],
    `entry "blobs/sha256/${digestOfLayer}" is there twice`,
  ],
  [
    'a blob of another size',
    image({ manifest: (m) => ({ ...m, layers: [{ digest: `sha256:${digestOfLayer}`, size: 1 }] }) }),
    `has ${layer.length} bytes, expected 1, as its descriptor says`,
  ],
  [
    'a size that is none',
    image({ manifest: (m) => ({ ...m, layers: [{ digest: `sha256:${digestOfLayer}`, size: -1 }] }) }),
    'names the size -1',
  ],
  [
    'a digest that climbs',
    image({ manifest: (m) => ({ ...m, layers: [{ digest: '../../../../etc/shadow' }] }) }),
    'names the digest "../../../../etc/shadow", expected "sha256:" and 64',
  ],
  [
    'a digest of another kind',
    image({ manifest: (m) => ({ ...m, layers: [{ digest: `sha512:${'a'.repeat(128)}` }] }) }),
    'names the digest "sha512:',
  ],
  [
    'a layer that is missing',
    image({ manifest: (m) => ({ ...m, layers: [{ digest: `sha256:${'a'.repeat(64)}` }] }) }),
    `entry "blobs/sha256/${'a'.repeat(64)}" is missing`,
  ],
  ['a manifest without layers', image({ manifest: () => ({ config: {} }) }), 'has no config and layers'],
  [
    'an index that is no JSON',
    image({ index: () => undefined }).map((e) => (e.path === 'index.json' ? { ...e, content: '{' } : e)),
    'entry "index.json" is not valid, expected an object in JSON',
  ],
  [
    'an index without images',
    image({ index: () => ({ manifests: [] }) }),
    'holds 0 images, expected an OCI archive with one image',
  ],
  ['two images', image({ index: ({ manifests }) => ({ manifests: [...manifests, ...manifests] }) }), 'holds 2 images'],
  ['an index that has no list', image({ index: () => ({ manifests: 'x' }) }), 'has no list of manifests'],
  ['no index', image().filter(({ path }) => path !== 'index.json'), 'has no index.json'],
  [
    'an index of 9 MB',
    image().map((e) => (e.path === 'index.json' ? { ...e, content: Buffer.alloc(9 << 20) } : e)),
    'entry "index.json" has 9437184 bytes',
  ],
  [
    'a blob of a terabyte',
    [...image(), { path: `blobs/sha256/${'a'.repeat(64)}`, size: 2 ** 33 - 1 }],
    `entry "blobs/sha256/${'a'.repeat(64)}" is cut off`,
  ],
  ['10001 entries', Array.from({ length: 10_001 }, (_, at) => ({ path: `x${at}` })), 'has more than 10000 entries'],
])('an archive with %s is refused by name', (_, entries, error) => {
  const path = written(tarOf(entries));
  expect(() => openImageArchive(path)).toThrow(ArchiveError);
  expect(() => openImageArchive(path)).toThrow(error);
  expect(() => openImageArchive(path)).toThrow(/^Cannot read archive ".*image\.tar": .*, expected /);
});

test.each<[what: string, change: (entry: MadeEntry) => MadeEntry, error: string]>([
  ['a layer outside of it', (e) => replaced(e, 'Layers', ['../../etc/shadow']), 'entry "../../etc/shadow" is missing'],
  ['a configuration outside of it', (e) => replaced(e, 'Config', '/etc/shadow'), 'has no Config and Layers'],
  [
    'more layers than it knows',
    (e) => replaced(e, 'Layers', []),
    'names 0 layers, expected 1, as the configuration does',
  ],
  [
    'a link out of it',
    (e) => (e.flag === '2' ? { ...e, path: e.path.replace('layer', 'other') } : e),
    'is a symlink that does not belong',
  ],
])('an archive of docker with %s is refused by name', (_, change, error) => {
  expect(() => opened(dockerEntries({ layers: [layer] }).map(change))).toThrow(error);
});

function replaced(entry: MadeEntry, key: string, value: unknown): MadeEntry {
  if (entry.path !== 'manifest.json') return entry;
  const [only] = JSON.parse(String(entry.content));
  return { ...entry, content: JSON.stringify([{ ...only, [key]: value }]) };
}

test.each([
  ['Cmd', 'text', 'has a Cmd that is not a list of strings'],
  ['Env', [1], 'has a Env that is not a list of strings'],
  ['User', {}, 'has a User that is not a string'],
])('a configuration whose %s is %j is refused', (key, value, error) => {
  expect(() => imageConfig(opened(image({ config: { [key]: value } })))).toThrow(error);
});

test('what is no file is refused, and nothing waits for it', () => {
  const fifo = join(dir, 'fifo');
  execFileSync('mkfifo', [fifo]);
  for (const path of [fifo, dir, '/dev/zero']) expect(() => openImageArchive(path)).toThrow('is not a file, expected');
});

test('a file is checked against its digest, and a link is none', async () => {
  const path = written(madeEntry({ path: 'x' }));
  await expect(checkFile(path, sha256(madeEntry({ path: 'x' })))).resolves.toBeUndefined();
  await expect(checkFile(path, 'a'.repeat(64))).rejects.toThrow(
    /has the digest sha256:.*, expected a file with the digest/,
  );
  await expect(checkFile(join(dir, 'none'), 'a'.repeat(64))).rejects.toThrow('is missing');
  await expect(checkFile('/dev/zero', 'a'.repeat(64))).rejects.toThrow('is not a file');
});
