import { readBlob } from './blob';
import type { ImageArchive, ImageText } from './image';
import { paddingOf } from './tar-header';
import { END_OF_TAR, fileHeader, wholeFile } from './write-tar';

export interface LayoutOptions {
  /** Digests, in hex, of layers to leave out, since the reader has them. */
  readonly without?: ReadonlySet<string>;
  /** Name of the image for containerd(8), which reads it from the index. Not set: the image has no name. */
  readonly name?: string | undefined;
}

/**
 * Writes an image as a tar archive of an OCI image layout with one image. The index comes last, so that a truncated
 * archive contains no image.
 * @throws ArchiveError while it is read, when a layer does not have its digest
 */
export async function* ociLayout(
  { file, config, manifest, layers }: ImageArchive,
  { without, name }: LayoutOptions = {},
): AsyncGenerator<Buffer> {
  yield* wholeFile('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  const written = new Set([config.digest, manifest.digest, ...(without ?? [])]);
  yield* blobText(config);
  for (const layer of layers) {
    if (written.has(layer.digest)) continue;
    written.add(layer.digest);
    yield fileHeader(pathOf(layer.digest), layer.size);
    yield* readBlob(file, layer);
    yield Buffer.alloc(paddingOf(layer.size));
  }
  yield* blobText(manifest);
  const mediaType = mediaTypeOf(manifest);
  const annotations = name === undefined ? {} : { annotations: { 'io.containerd.image.name': name } };
  const descriptor = { mediaType, digest: `sha256:${manifest.digest}`, size: manifest.content.length, ...annotations };
  yield* wholeFile('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [descriptor] })));
  yield END_OF_TAR;
}

function mediaTypeOf({ content }: ImageText): string {
  const { mediaType } = JSON.parse(content.toString()) as { readonly mediaType?: unknown };
  return typeof mediaType === 'string' ? mediaType : 'application/vnd.oci.image.manifest.v1+json';
}

const pathOf = (digest: string) => `blobs/sha256/${digest}`;

const blobText = ({ digest, content }: ImageText) => wholeFile(pathOf(digest), content);
