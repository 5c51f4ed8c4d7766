import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { extract, Header, list, Parser, Pax, type ReadEntry } from 'tar';

interface Descriptor {
  readonly mediaType?: string;
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
  for (const { mediaType } of manifest.layers) {
    if (mediaType?.endsWith('zstd'))
      throw new Error(`${archive} has layers compressed with zstd, expected gzip or none`);
  }
  return Readable.from(merge(manifest.layers.map(({ digest }) => blob(digest))));
}

/** From the top layer down: what an upper layer has, or has removed, hides what is below. */
async function* merge(layers: readonly string[]): AsyncGenerator<Buffer> {
  const seen = new Set<string>();
  const hidden = new Set<string>();
  for (const layer of [...layers].reverse()) {
    // They count from the next layer down: a layer may remove a directory and make it anew.
    const [seenHere, hiddenHere]: [string[], string[]] = [[], []];
    for await (const { entry, blocks } of entries(layer)) {
      const path = posix.join('/', entry.path).replace(/(.)\/$/, '$1');
      const name = posix.basename(path);
      if (name === '.wh..wh..opq') hiddenHere.push(posix.dirname(path));
      else if (name.startsWith('.wh.')) hiddenHere.push(posix.join(posix.dirname(path), name.slice(4)));
      else if (!seen.has(path) && !isBelow(path, hidden)) {
        seenHere.push(path);
        if (entry.type !== 'Directory') hiddenHere.push(path);
        yield* blocks;
      }
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

interface Entry {
  readonly entry: ReadEntry;
  /** The entry as tar blocks, header first. */
  readonly blocks: readonly Buffer[];
}

async function* entries(layer: string): AsyncGenerator<Entry> {
  const complete: Entry[] = [];
  const parser = new Parser({
    onReadEntry(entry) {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => complete.push({ entry, blocks: [...header(entry), ...padded(chunks)] }));
    },
  });
  const end = new Promise<void>((resolve, reject) => parser.on('end', resolve).on('error', reject));
  for await (const chunk of createReadStream(layer)) {
    parser.write(chunk);
    yield* complete.splice(0);
  }
  parser.end();
  await end;
  yield* complete;
}

function header(entry: ReadEntry): Buffer[] {
  const { path, mode, uid, gid, size, mtime, type, linkpath, uname, gname } = entry;
  const { devmaj, devmin } = entry.header;
  const defined = Object.entries({ path, mode, uid, gid, size, mtime, type, linkpath, uname, gname, devmaj, devmin });
  const data = Object.fromEntries(defined.filter(([, value]) => value !== undefined));
  const block = new Header(data);
  const pax = block.encode() ? [new Pax(data).encode()] : [];
  return block.block ? [...pax, block.block] : pax;
}

function padded(chunks: readonly Buffer[]): Buffer[] {
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return [...chunks, Buffer.alloc((512 - (size % 512)) % 512)];
}
