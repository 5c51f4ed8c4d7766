import { closeSync, constants, openSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { type Blob, readBlob } from './blob';
import { compressionOf, decompress, MAGIC_LENGTH } from './compression';
import { ArchiveError } from './error';
import { openImageArchive } from './image-archive';
import { readAt } from './list-tar';
import { readTar } from './read-tar';
import type { TarEntry } from './tar-header';

/** How much larger than what lies in the archive its content may be, after the first gigabyte. */
const MAX_RATIO = 200;
const ALWAYS_ALLOWED = 2 ** 30;

/** More than any program that builds images writes. */
const MAX_LAYERS = 500;

/** Capabilities of programs, such as ping has, and what programs noted. Labels of SELinux are the host's to give. */
const ATTRIBUTES = /^(?:security\.capability$|user\.)/;

/** What a root file system is made of. */
export interface RootArchive {
  readonly file: string;
  /** Digest of all that it is made of: of the image's manifest, which names the layers, or of the tar archive. */
  readonly digest: string;
  /** The lowest first. */
  readonly layers: readonly Blob[];
  /** Whether they are layers of an image, of which one may remove files of those below. */
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

/** The entries and contents of a layer, without its compression. */
export function partsOf(root: RootArchive, layer: Blob): AsyncGenerator<TarEntry | Buffer> {
  const { file, layered } = root;
  const name = nameOf(root, layer);
  const source = Readable.from(readBlob(file, layer), { objectMode: false });
  const compression = compressionOf(beginning(file, layer));
  const plain = compression ? decompress(source, compression, name) : source;
  // A layer is known to be complete by its digest, and some programs leave its end out.
  return readTar(atMost(plain, mostPlain(layer.size), name), { file: name, mayLackEnd: layered });
}

/** How many bytes a file of a size may have without its compression. */
export const mostPlain = (size: number) => size * MAX_RATIO + ALWAYS_ALLOWED;

/** @throws ArchiveError for content that has no end, or next to none */
export async function* atMost(source: AsyncIterable<Buffer>, most: number, file: string): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > most)
      throw new ArchiveError({ file, problem: 'has no end in sight', expected: `at most ${most} bytes, decompressed` });
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

/** The extended attributes of an entry that a root gets. */
export function attributesOf({ attributes }: TarEntry): ReadonlyMap<string, string> {
  return new Map([...attributes].filter(([name]) => ATTRIBUTES.test(name)));
}

/** What a layer is called in errors. */
export function nameOf({ file, layered }: RootArchive, { digest }: Blob): string {
  return layered ? `${file}, layer sha256:${digest.slice(0, 12)}` : file;
}

/** The error for an entry that is another one when it is read again. */
export function changed({ file }: RootArchive, { path }: TarEntry): ArchiveError {
  return new ArchiveError({ file, entry: path, problem: 'has changed in the meantime', expected: 'the same file' });
}
