import { closeSync, constants, openSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { type Blob, readBlob } from './blob';
import { compressionOf, decompress, MAGIC_LENGTH } from './compression';
import { ArchiveError } from './error';
import { openImageArchive } from './image-archive';
import { readAt } from './list-tar';
import { readTar } from './read-tar';
import type { TarEntry } from './tar-header';

/** Largest ratio of the content to its size in the archive, beyond the first gigabyte. */
const MAX_RATIO = 200;
const ALWAYS_ALLOWED = 2 ** 30;

/** Largest number of layers, more than any build program writes. */
const MAX_LAYERS = 500;

/**
 * Extended attributes to keep: capabilities of programs, such as ping's, and attributes of programs. SELinux labels are
 * set by the host.
 */
const ATTRIBUTES = /^(?:security\.capability$|user\.)/;

/** The layers of a root file system. */
export interface RootArchive {
  readonly file: string;
  /** Digest of the content: of the image's manifest, which names the layers, or of the tar archive. */
  readonly digest: string;
  /** The layers, the lowest first. */
  readonly layers: readonly Blob[];
  /** Whether these are layers of an image, where a layer can delete files of lower layers. */
  readonly layered: boolean;
}

/** The layers of the image in an OCI archive. @throws ArchiveError */
export function rootOfImage(file: string): RootArchive {
  const { layers, manifest } = openImageArchive(file);
  if (layers.length > MAX_LAYERS)
    throw new ArchiveError({ file, problem: `has ${layers.length} layers`, expected: `at most ${MAX_LAYERS}` });
  return { file, digest: manifest.digest, layers, layered: true };
}

/** A tar archive with a digest. */
export function rootOfTar(file: string, digest: string): RootArchive {
  return { file, digest, layers: [{ digest, size: statSync(file).size, offset: 0, entry: '.' }], layered: false };
}

/** The entries and contents of a layer, decompressed. */
export function partsOf(root: RootArchive, layer: Blob): AsyncGenerator<TarEntry | Buffer> {
  const { file, layered } = root;
  const name = nameOf(root, layer);
  const source = Readable.from(readBlob(file, layer), { objectMode: false });
  const compression = compressionOf(beginning(file, layer));
  const plain = compression ? decompress(source, compression, name) : source;
  // The digest proves that a layer is complete, and some programs omit the end of the archive.
  return readTar(atMost(plain, mostPlain(layer.size), name), { file: name, mayLackEnd: layered });
}

/** Largest decompressed size of a file of this size. */
export const mostPlain = (size: number) => size * MAX_RATIO + ALWAYS_ALLOWED;

/** Limits a stream. @throws ArchiveError for content that is longer */
export async function* atMost(source: AsyncIterable<Buffer>, most: number, file: string): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > most)
      throw new ArchiveError({ file, problem: 'is too large', expected: `at most ${most} bytes, decompressed` });
    yield chunk;
  }
}

function beginning(file: string, { offset, size }: Blob): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY);
  try {
    return readAt(descriptor, offset, Math.min(size, MAGIC_LENGTH)) ?? Buffer.alloc(0);
  } finally {
    closeSync(descriptor);
  }
}

/** The extended attributes that a root keeps of an entry. */
export function attributesOf({ attributes }: TarEntry): ReadonlyMap<string, string> {
  return new Map([...attributes].filter(([name]) => ATTRIBUTES.test(name)));
}

/** Name of a layer in errors. */
export function nameOf({ file, layered }: RootArchive, { digest }: Blob): string {
  return layered ? `${file}, layer sha256:${digest.slice(0, 12)}` : file;
}

/** The error for an entry that has changed when it is read again. */
export function changed({ file }: RootArchive, { path }: TarEntry): ArchiveError {
  return new ArchiveError({ file, entry: path, problem: 'has changed in the meantime', expected: 'the same file' });
}
