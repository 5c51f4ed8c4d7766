import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { extract, list } from 'tar';
import { tarParts } from './tar-parts';

interface Descriptor {
  readonly digest: string;
  readonly platform?: { readonly architecture: string; readonly os: string };
  annotations?: Record<string, string>;
}
/** index.json of an OCI image layout. */
export interface OciIndex {
  readonly schemaVersion: number;
  readonly manifests: Descriptor[];
}

/** Reads the index of an OCI archive. @throws Error when it is not one */
export async function readOciIndex(archive: string): Promise<OciIndex> {
  const chunks: Buffer[] = [];
  await list({
    file: archive,
    filter: (path) => posix.normalize(path) === 'index.json',
    onReadEntry: (entry) => entry.on('data', (chunk) => chunks.push(chunk)),
  });
  if (chunks.length === 0) throw new Error(`${archive} is not an OCI archive: it has no index.json`);
  return JSON.parse(Buffer.concat(chunks).toString()) as OciIndex;
}

/**
 * Lays the layers of an OCI archive over each other and returns the result as one tar stream: the root that a
 * container made of the image would see.
 * @param scratch an empty directory to unpack the archive into
 */
export async function flattenOci(archive: string, scratch: string): Promise<Readable> {
  await extract({ file: archive, cwd: scratch });
  const blob = (digest: string) => join(scratch, 'blobs', digest.replace(':', '/'));
  const index = await readOciIndex(archive);
  const [first] = index.manifests;
  if (!first) throw new Error(`${archive} holds no image`);
  const manifest = JSON.parse(await readFile(blob(first.digest), 'utf8')) as { layers?: Descriptor[] };
  if (!manifest.layers) throw new Error(`${archive} holds several images, expected one`);
  const layers: Layer[] = [];
  for (const { digest } of manifest.layers) layers.push(await prepareLayer(blob(digest)));
  return Readable.from(merge(layers));
}

/** From the top layer down: what an upper layer has, or has removed, hides what is below. */
async function* merge(layers: readonly Layer[]): AsyncGenerator<Buffer> {
  const seen = new Set<string>();
  const hidden = new Set<string>();
  for (const layer of [...layers].reverse()) {
    // They count from the next layer down: a layer may remove a directory and make it anew.
    const [seenHere, hiddenHere]: [string[], string[]] = [[], []];
    let shown = false;
    for await (const part of tarParts(openLayer(layer))) {
      if (Buffer.isBuffer(part)) {
        if (shown) yield part;
        continue;
      }
      const path = posix.join('/', part.path).replace(/(.)\/$/, '$1');
      const name = posix.basename(path);
      shown = !name.startsWith('.wh.') && !seen.has(path) && !isBelow(path, hidden);
      if (name === '.wh..wh..opq') hiddenHere.push(posix.dirname(path));
      else if (name.startsWith('.wh.')) hiddenHere.push(posix.join(posix.dirname(path), name.slice(4)));
      if (!shown) continue;
      seenHere.push(path);
      if (!part.directory) hiddenHere.push(path);
      yield part.header;
    }
    for (const path of seenHere) seen.add(path);
    for (const path of hiddenHere) hidden.add(path);
  }
  yield Buffer.alloc(1024);
}

function isBelow(path: string, hidden: ReadonlySet<string>): boolean {
  for (let at = path; at !== '/'; at = posix.dirname(at)) if (hidden.has(at)) return true;
  return hidden.has('/');
}

type Compression = 'gzip' | 'zstd';

/** A layer without its compression. */
function openLayer({ path, compression }: Layer): AsyncIterable<Uint8Array> {
  const file = createReadStream(path);
  if (compression !== 'gzip') return file;
  const gunzip = createGunzip();
  // An error of either ends the reading of the other with it.
  pipeline(file, gunzip, () => {});
  return gunzip;
}

interface Layer {
  readonly path: string;
  readonly compression: Compression | undefined;
}

/** Finds out how a layer is compressed. What Node can't decompress while it reads is decompressed beside it. */
async function prepareLayer(path: string): Promise<Layer> {
  const compression = await compressionOf(path);
  if (compression !== 'zstd') return { path, compression };
  try {
    await promisify(execFile)('zstd', ['--decompress', '--quiet', '--force', '-o', `${path}.tar`, '--', path]);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const problem = missing ? 'the program zstd is not installed here; apt-get install zstd' : String(error);
    throw new Error(`Cannot read layers that are compressed with zstd: ${problem}`);
  }
  return { path: `${path}.tar`, compression: undefined };
}

async function compressionOf(path: string): Promise<Compression | undefined> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer.readUInt16BE() === 0x1f8b) return 'gzip';
    return buffer.readUInt32BE() === 0x28b52ffd ? 'zstd' : undefined;
  } finally {
    await file.close();
  }
}
