import { createHash } from 'node:crypto';
import type { MadeEntry } from './made-tar';

export const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** The parts of an image, of which a test replaces what it is about. */
export interface MadeImage {
  readonly layers: readonly Buffer[];
  readonly config?: object;
  /** @default 'amd64' */
  readonly architecture?: string;
  /** What the configuration says of the layers, in place of what they are. */
  readonly rootfs?: object | null;
  /** Changes the manifest before its digest is made. */
  readonly manifest?: (manifest: Record<string, unknown>) => object;
  /** Changes the index. */
  readonly index?: (index: { manifests: Record<string, unknown>[] }) => unknown;
}

/** The entries of an OCI archive, in the order in which podman writes them. */
export function ociEntries({ layers, config = {}, architecture, rootfs, manifest, index }: MadeImage): MadeEntry[] {
  const blobs = new Map<string, MadeEntry>();
  const blob = (kind: string, content: string | Buffer) => {
    const hex = sha256(content);
    blobs.set(hex, { path: `blobs/sha256/${hex}`, content });
    const mediaType = `application/vnd.oci.image.${kind}`;
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(content) };
  };
  const text = {
    schemaVersion: 2,
    config: blob('config.v1+json', configOf(layers, config, rootfs, architecture)),
    layers: layers.map((layer) => blob('layer.v1.tar', layer)),
  };
  const image = blob('manifest.v1+json', JSON.stringify(manifest?.(text) ?? text));
  const list = {
    schemaVersion: 2,
    manifests: [{ ...image, annotations: { 'org.opencontainers.image.ref.name': 'x' } }],
  };
  return [
    { path: 'blobs/', flag: '5' },
    { path: 'blobs/sha256/', flag: '5' },
    ...blobs.values(),
    { path: 'index.json', content: JSON.stringify(index?.(list) ?? list) },
    { path: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
  ];
}

/** The entries of an archive as `docker save` wrote it before version 25, and as `podman save` writes it. */
export function dockerEntries({ layers, config = {} }: MadeImage): MadeEntry[] {
  const text = configOf(layers, config);
  const id = sha256(text);
  const files = layers.map((layer) => `${sha256(layer)}.tar`);
  return [
    ...new Map(layers.map((content, at) => [files[at], { path: files[at] ?? '', content }])).values(),
    ...[...new Set(files)].map((file) => ({
      path: `${file.replace('.tar', '')}/layer.tar`,
      flag: '2',
      target: `../${file}`,
    })),
    { path: `${id}.json`, content: text },
    { path: 'repositories', content: '{}' },
    { path: 'manifest.json', content: JSON.stringify([{ Config: `${id}.json`, RepoTags: ['x:1'], Layers: files }]) },
  ];
}

function configOf(layers: readonly Buffer[], config: object, given?: object | null, architecture = 'amd64'): string {
  const diffIds = layers.map((layer) => `sha256:${sha256(layer)}`);
  const rootfs = given === undefined ? { type: 'layers', diff_ids: diffIds } : given;
  return JSON.stringify({ architecture, os: 'linux', config, rootfs });
}
