import { createHash } from 'node:crypto';
import { type ArchiveEntry, archive } from './archive';

/** The part of an image's configuration that says how to run it. */
export interface OciConfig {
  readonly Cmd: readonly string[];
  readonly Env: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, Record<string, never>>>;
  readonly StopSignal: string;
}

/**
 * An OCI image layout as one tar archive, with one image of one layer.
 * @param layer Uncompressed tar archive of the root.
 * @param reference Name that the image is loaded under.
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export function ociArchive(layer: Buffer, config: OciConfig, reference: string): Buffer {
  const blobs: ArchiveEntry[] = [];
  const blob = (mediaType: string, content: Buffer) => {
    const hex = createHash('sha256').update(content).digest('hex');
    blobs.push({ type: 'File', path: `blobs/sha256/${hex}`, content });
    return { mediaType, digest: `sha256:${hex}`, size: content.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));

  const layerDescriptor = blob('application/vnd.oci.image.layer.v1.tar', layer);
  const image = {
    created: '1970-01-01T00:00:00Z',
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [layerDescriptor.digest] },
    history: [{ created: '1970-01-01T00:00:00Z' }],
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: blob('application/vnd.oci.image.config.v1+json', json(image)),
    layers: [layerDescriptor],
  };
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...blob(manifest.mediaType, json(manifest)),
        annotations: { 'org.opencontainers.image.ref.name': reference },
      },
    ],
  };
  return archive([
    { type: 'Directory', path: 'blobs' },
    { type: 'Directory', path: 'blobs/sha256' },
    ...blobs,
    { type: 'File', path: 'index.json', content: json(index) },
    { type: 'File', path: 'oci-layout', content: json({ imageLayoutVersion: '1.0.0' }) },
  ]);
}

/** Go's names for what Node calls otherwise. */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386' };
