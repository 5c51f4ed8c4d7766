import type { Blob } from './blob';
import type { ImageArchive, ImageText } from './image';
import { digestIn, type ImageEntries, objects } from './image-entries';

const NAMES = {
  files: /^(?:oci-layout|index\.json|manifest\.json|repositories|blobs\/sha256\/[0-9a-f]{64})$/,
  directories: /^(?:\.|blobs|blobs\/sha256)$/,
  expected: 'only oci-layout, index.json, manifest.json and blobs/sha256/DIGEST',
};

type Descriptor = Readonly<Record<string, unknown>>;

/**
 * Finds the only image of an OCI image layout.
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export function ociImage(entries: ImageEntries): Omit<ImageArchive, 'file'> {
  entries.check(NAMES);
  const index = entries.json('index.json', entries.text('index.json'));
  const outer = documentOf(entries, imageIn(entries, 'index.json', index), 'index.json');
  // docker buildx writes an index with the image and its attestations.
  const nested = objects(outer.values.manifests) !== undefined;
  const { path, text, values } = nested
    ? documentOf(entries, imageIn(entries, outer.path, outer.values), outer.path)
    : outer;
  const { config, layers } = values;
  const descriptors = objects(layers);
  if (typeof config !== 'object' || config === null || !descriptors)
    throw entries.error(path, 'has no config and layers', 'the manifest of an image');
  return {
    config: documentOf(entries, config as Descriptor, path).text,
    manifest: text,
    layers: descriptors.map((layer) => blobOf(entries, layer, path)),
  };
}

/** The text that a descriptor refers to. @param by entry with the descriptor */
function documentOf(entries: ImageEntries, descriptor: Descriptor, by: string) {
  const blob = blobOf(entries, descriptor, by);
  const content = entries.content(blob);
  const text: ImageText = { digest: blob.digest, content };
  return { path: blob.entry, text, values: entries.json(blob.entry, content) };
}

/** The only image of an index, or the only image for one of several platforms that the archive contains. */
function imageIn(entries: ImageEntries, path: string, index: Descriptor): Descriptor {
  const listed = objects(index.manifests);
  if (!listed) throw entries.error(path, 'has no list of manifests', 'the index of an OCI image layout');
  const images = listed.filter(({ annotations }) => !isAttestation(annotations));
  const held = images.length > 1 ? images.filter(({ digest }) => entries.has(pathOf(digest))) : images;
  const [image, ...others] = held;
  if (!image || others.length > 0)
    throw entries.error(undefined, `holds ${held.length} images`, 'an OCI archive with one image');
  return image;
}

function isAttestation(annotations: unknown): boolean {
  return (
    typeof annotations === 'object' &&
    annotations !== null &&
    (annotations as Descriptor)['vnd.docker.reference.type'] === 'attestation-manifest'
  );
}

function blobOf(entries: ImageEntries, { digest, size }: Descriptor, by: string): Blob {
  const hex = digestIn(digest);
  if (hex === undefined)
    throw entries.error(by, `names the digest ${JSON.stringify(digest)}`, '"sha256:" and 64 hexadecimal digits');
  if (size !== undefined && (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0))
    throw entries.error(by, `names the size ${JSON.stringify(size)}`, 'a number of bytes');
  return entries.blob(pathOf(digest), hex, size);
}

const pathOf = (digest: unknown) => `blobs/${String(digest).replace(':', '/')}`;
