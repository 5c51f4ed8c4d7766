import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, createWriteStream, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { paddingOf } from '../../lib/archives/tar-header';
import { END_OF_TAR, fileHeader } from '../../lib/archives/write-tar';
import type { Manifest } from '../../lib/manifest';
import type { Fleet, Synthesized } from './fleet';
import { interleave, type Measurement } from './measure';

const PIECE = 64 << 20;
const NAME = 'bench-image';

interface MadeImage {
  readonly file: string;
  /** SHA-256 of the archive. */
  readonly asset: string;
  readonly id: string;
}

/** `bulkhead apply` of an image with a layer of so many pieces of 64 MB, and `podman load` of the same archive. */
export async function loadImage(fleet: Fleet, pieces: number, rounds: number): Promise<Measurement> {
  const image = await makeImage(fleet.directory, pieces);
  const stack = bundleOf(fleet, image);
  return interleave(
    rounds,
    async () => {
      const sample = await fleet.apply(stack);
      await fleet.destroy(stack);
      return sample;
    },
    async () => {
      const sample = await fleet.ssh(['podman', 'load', '--quiet'], { input: createReadStream(image.file) });
      await fleet.ssh(['podman', 'image', 'rm', '--force', image.id]);
      return sample;
    },
  );
}

/** An OCI archive whose layer can't be compressed. */
async function makeImage(directory: string, pieces: number): Promise<MadeImage> {
  const bytes = pieces * PIECE;
  const layer = join(directory, 'layer.tar');
  const digest = await write(layer, random(pieces));
  const size = fileHeader('data', bytes).length + bytes + END_OF_TAR.length;
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const described = (kind: string, digest: string, size: number) => {
    return { mediaType: `application/vnd.oci.image.${kind}`, digest: `sha256:${digest}`, size };
  };
  const diffIds = [`sha256:${digest}`];
  const config = json({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
  const manifest = json({
    schemaVersion: 2,
    config: described('config.v1+json', sha256(config), config.length),
    layers: [described('layer.v1.tar', digest, size)],
  });
  const image = described('manifest.v1+json', sha256(manifest), manifest.length);
  async function* archive() {
    yield* entry('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
    for (const text of [config, manifest]) yield* entry(`blobs/sha256/${sha256(text)}`, text);
    yield fileHeader(`blobs/sha256/${digest}`, size);
    yield* createReadStream(layer);
    yield Buffer.alloc(paddingOf(size));
    yield* entry('index.json', json({ schemaVersion: 2, manifests: [image] }));
    yield END_OF_TAR;
  }
  const file = join(directory, 'image.tar');
  return { file, asset: await write(file, archive()), id: sha256(config) };
}

async function* random(pieces: number): AsyncGenerator<Buffer> {
  yield fileHeader('data', pieces * PIECE);
  for (let piece = 0; piece < pieces; piece++) yield randomFillSync(Buffer.alloc(PIECE));
  yield END_OF_TAR;
}

function entry(path: string, content: Buffer): Buffer[] {
  return [fileHeader(path, content.length), content, Buffer.alloc(paddingOf(content.length))];
}

/** Writes a file and returns its SHA-256. */
async function write(file: string, content: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  async function* hashed() {
    for await (const chunk of content) {
      hash.update(chunk);
      yield chunk;
    }
  }
  await pipeline(hashed, createWriteStream(file));
  return hash.digest('hex');
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A bundle of the image alone, so that nothing but the load is measured. */
function bundleOf(fleet: Fleet, { file, asset, id }: MadeImage): Synthesized {
  const objects = { [`podman-image:localhost/${NAME}:1`]: { asset, spec: { id } } };
  const about = { name: NAME, stack: NAME, path: NAME, runtime: 'podman' };
  const manifest: Manifest = { ...about, files: {}, units: {}, objects };
  const bundle = join(fleet.directory, 'image');
  mkdirSync(join(bundle, 'assets'), { recursive: true });
  linkSync(file, join(bundle, 'assets', asset));
  const hosts = [{ id: 'host', path: NAME, address: fleet.address, manifests: [manifest] }];
  writeFileSync(join(bundle, 'bundle.json'), JSON.stringify({ stack: NAME, hosts }));
  return { terraform: '', bundle };
}
