import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { create, Header } from 'tar';
import { flattenOci, readOciIndex } from '../../lib/engine/oci';
import { readTar, type TarFile, writeTar } from '../../lib/engine/tar';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bulkhead-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const file = (path: string, content: string): TarFile => ({
  path,
  content,
  mode: '0644',
  owner: 'root',
  group: 'root',
});

/** Writes an OCI archive of the layers given, lowest first. */
async function archiveOf(layers: readonly (TarFile[] | Buffer)[]): Promise<string> {
  const layout = join(dir, 'layout');
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  const blob = (data: Buffer) => {
    const hex = createHash('sha256').update(data).digest('hex');
    writeFileSync(join(layout, 'blobs/sha256', hex), data);
    return { digest: `sha256:${hex}`, size: data.length };
  };
  const blobs = [];
  for (const layer of layers)
    blobs.push(blob(Buffer.isBuffer(layer) ? layer : gzipSync(await buffer(writeTar(layer)))));
  const manifest = blob(Buffer.from(JSON.stringify({ schemaVersion: 2, layers: blobs })));
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  await create({ file: join(dir, 'image.tar'), cwd: layout }, ['index.json', 'blobs']);
  return join(dir, 'image.tar');
}

async function flatten(layers: readonly (TarFile[] | Buffer)[]): Promise<Record<string, string>> {
  const scratch = join(dir, 'scratch');
  mkdirSync(scratch);
  const root = await buffer(await flattenOci(await archiveOf(layers), scratch));
  return Object.fromEntries(readTar(root).map(({ path, content }) => [path, content?.toString() ?? '']));
}

test('an upper layer hides the files below it', async () => {
  expect(await flatten([[file('a', 'old'), file('b', 'kept')], [file('a', 'new')]])).toEqual({ a: 'new', b: 'kept' });
});

test('a whiteout removes a file, and a directory with all that is in it', async () => {
  const layers = [
    [file('a', ''), file('d/x', ''), file('kept', '')],
    [file('.wh.a', ''), file('.wh.d', '')],
  ];
  expect(Object.keys(await flatten(layers))).toEqual(['kept']);
});

test('an opaque directory hides what was in it and keeps what comes with it', async () => {
  const layers = [[file('d/old', '')], [file('d/.wh..wh..opq', ''), file('d/new', '')]];
  expect(Object.keys(await flatten(layers))).toEqual(['d/new']);
});

test('a file in the place of a directory hides what was in the directory', async () => {
  expect(Object.keys(await flatten([[file('d/old', '')], [file('d', '')]]))).toEqual(['d']);
});

test('a layer may bring back what a lower layer removed', async () => {
  expect(await flatten([[file('a', '1')], [file('.wh.a', '')], [file('a', '3')]])).toEqual({ a: '3' });
});

test('layers may be compressed with gzip, with zstd, or not at all', async () => {
  const layer = (name: string) => buffer(writeTar([file(name, name)]));
  const zstd = execFileSync('zstd', ['--stdout'], { input: await layer('b'), stdio: ['pipe', 'pipe', 'ignore'] });
  expect(await flatten([[file('a', 'a')], zstd, await layer('c')])).toEqual({ a: 'a', b: 'b', c: 'c' });
});

test('a layer that is damaged is told', async () => {
  await expect(flatten([Buffer.from('28b52ffd00', 'hex')])).rejects.toThrow(
    /^Cannot read layers that are compressed with zstd: .*blobs/s,
  );
  rmSync(join(dir, 'scratch'), { recursive: true });
  await expect(flatten([gzipSync('no archive'.repeat(100))])).rejects.toThrow('it is no tar archive');
});

test('what tar knows of a file beside its content comes with it', async () => {
  const attribute = Buffer.from('0100000200200000000000000000000000000000', 'hex');
  const content = Buffer.concat([Buffer.from('56 SCHILY.xattr.security.capability='), attribute, Buffer.from('\n')]);
  const block = new Header({ path: 'x', type: 'ExtendedHeader', size: content.length, mode: 0o644 });
  block.encode();
  const pax = Buffer.concat([block.block ?? Buffer.alloc(0), content, Buffer.alloc(512 - content.length)]);
  const layer = Buffer.concat([pax, await buffer(writeTar([file('ping', 'p')]))]);
  const scratch = join(dir, 'scratch');
  mkdirSync(scratch);
  const root = await buffer(await flattenOci(await archiveOf([layer]), scratch));
  expect(root.includes(content)).toBe(true);
});

test('an archive that is no image is refused by name', async () => {
  writeFileSync(join(dir, 'x'), 'text');
  await create({ file: join(dir, 'no.tar'), cwd: dir }, ['x']);
  await expect(readOciIndex(join(dir, 'no.tar'))).rejects.toThrow('is not an OCI archive: it has no index.json');
});
