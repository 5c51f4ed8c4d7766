import { readBlob } from './blob';
import { ArchiveError } from './error';
import type { ImageArchive } from './image';
import { texts } from './image-entries';
import { paddingOf } from './tar-header';
import { END_OF_TAR, fileHeader, wholeFile } from './write-tar';

/**
 * Digests of the uncompressed layers, the lowest first, each as `sha256:2f1c...`. If a store has an image that begins
 * with the same digests, it has these layers.
 * @throws ArchiveError when the image's configuration does not have a digest per layer
 */
export function diffIds({ file, config, layers }: ImageArchive): readonly string[] {
  const found = namedIn(config.content);
  if (found?.length === layers.length) return found;
  throw new ArchiveError({
    file,
    entry: `blobs/sha256/${config.digest}`,
    problem: `names ${found?.length ?? 'no'} layers`,
    expected: `${layers.length}, as the manifest does`,
  });
}

/**
 * Number of an image's lowest layers that a store already has, because another image in the store begins with the same
 * layers.
 */
export function layersThere(image: ImageArchive, there: readonly (readonly string[])[]): number {
  const own = diffIds(image);
  const common = there.map((others) => {
    const differs = own.findIndex((id, index) => id !== others[index]);
    return differs < 0 ? own.length : differs;
  });
  return Math.max(0, ...common);
}

/**
 * Writes an image as the tar archive that `docker load` reads, with one image under one name. The file that lists its
 * parts comes last, so that a truncated archive contains no image.
 * @param skip Number of the lowest layers to leave out. Docker does not open the file of a layer that it has.
 * @throws ArchiveError while it is read, when a layer does not have its digest
 */
export async function* dockerArchive(image: ImageArchive, name: string, skip: number): AsyncGenerator<Buffer> {
  const { file, config, layers } = image;
  yield* wholeFile(pathOf(config.digest), config.content);
  const written = new Set([config.digest]);
  for (const layer of layers.slice(skip)) {
    if (written.has(layer.digest)) continue;
    written.add(layer.digest);
    yield fileHeader(pathOf(layer.digest), layer.size);
    yield* readBlob(file, layer);
    yield Buffer.alloc(paddingOf(layer.size));
  }
  const Layers = layers.map(({ digest }) => pathOf(digest));
  const manifest = [{ Config: pathOf(config.digest), RepoTags: [name], Layers }];
  yield* wholeFile('manifest.json', Buffer.from(JSON.stringify(manifest)));
  yield END_OF_TAR;
}

const pathOf = (digest: string) => `blobs/sha256/${digest}`;

function namedIn(content: Buffer): readonly string[] | undefined {
  try {
    const { rootfs } = JSON.parse(content.toString()) as { readonly rootfs?: { readonly diff_ids?: unknown } };
    return texts(rootfs?.diff_ids);
  } catch {
    return undefined;
  }
}
