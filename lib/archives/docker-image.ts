import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Blob } from './blob';
import type { ImageArchive } from './image';
import { digestIn, type ImageEntries, objects, texts } from './image-entries';

const NAMES = {
  files: /^(?:manifest\.json|repositories|[0-9a-f]{64}(?:\.json|\.tar|\/VERSION|\/json|\/layer\.tar))$/,
  directories: /^(?:\.|[0-9a-f]{64})$/,
  links: /^[0-9a-f]{64}\/layer\.tar$/,
  expected: 'what "docker save" and "podman save" write',
};

const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/**
 * Finds the only image in an archive of docker's own format, and returns it with the manifest of an OCI image.
 * @see https://github.com/moby/docker-image-spec
 */
export function dockerImage(entries: ImageEntries): Omit<ImageArchive, 'file'> {
  entries.check(NAMES);
  const images = objects(entries.json('manifest.json', entries.text('manifest.json')));
  const [image, ...others] = images ?? [];
  if (!image || others.length > 0)
    throw entries.error(undefined, `holds ${images?.length ?? 0} images`, 'an archive with one image');
  const { Config: path, Layers } = image;
  const files = texts(Layers);
  const digest = typeof path === 'string' ? /^([0-9a-f]{64})\.json$/.exec(path)?.[1] : undefined;
  if (digest === undefined || !files)
    throw entries.error('manifest.json', 'has no Config and Layers', 'the names of a configuration and of layers');
  const blob = entries.blob(`${digest}.json`, digest);
  const config = entries.content(blob);
  const digests = digestsOf(entries, blob.entry, config);
  if (digests.length !== files.length)
    throw entries.error(
      'manifest.json',
      `names ${files.length} layers`,
      `${digests.length}, as the configuration does`,
    );
  const layers = files.map((file, at) => entries.blob(posix.normalize(file), digests[at] ?? ''));
  return { config: { digest, content: config }, manifest: manifestOf(blob, layers), layers };
}

/** Digests of the layers in the archive, which are not compressed. */
function digestsOf(entries: ImageEntries, path: string, config: Buffer): string[] {
  const { rootfs } = entries.json(path, config);
  const ids = texts((rootfs as { readonly diff_ids?: unknown } | undefined)?.diff_ids) ?? [];
  return ids.map((id) => {
    const digest = digestIn(id);
    if (digest === undefined)
      throw entries.error(path, `names the layer "${id}"`, '"sha256:" and 64 hexadecimal digits');
    return digest;
  });
}

function manifestOf(config: Blob, layers: readonly Blob[]): ImageArchive['manifest'] {
  const descriptor = (mediaType: string, { digest, size }: Blob) => ({ mediaType, digest: `sha256:${digest}`, size });
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptor(CONFIG, config),
    layers: layers.map((layer) => descriptor(LAYER, layer)),
  };
  const content = Buffer.from(JSON.stringify(manifest));
  return { digest: createHash('sha256').update(content).digest('hex'), content };
}
