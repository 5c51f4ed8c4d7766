import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { compressionOf, MAGIC_LENGTH } from './compression';
import { dockerImage } from './docker-image';
import { ArchiveError } from './error';
import type { ImageArchive } from './image';
import { ImageEntries } from './image-entries';
import { listTar, readAt } from './list-tar';
import { ociImage } from './oci-image';

const EXPECTED = 'an OCI archive with one image';

/**
 * Finds the image in an OCI archive, or in an archive of `docker save` or `podman save`. It reads only headers and
 * metadata, so it takes the same time for an image of any size.
 * @throws ArchiveError for any other file, and for an archive with unexpected entries
 */
export function openImageArchive(file: string): ImageArchive {
  // Without O_NONBLOCK, opening a FIFO would wait for a writer.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isFile()) throw new ArchiveError({ file, problem: 'is not a file', expected: EXPECTED });
    const compression = compressionOf(readAt(descriptor, 0, MAGIC_LENGTH) ?? Buffer.alloc(0));
    if (compression) {
      const problem = `is compressed with ${compression}`;
      throw new ArchiveError({ file, problem, expected: 'an uncompressed archive; its layers may be compressed' });
    }
    const entries = new ImageEntries(file, descriptor, listTar(descriptor, file));
    if (entries.has('index.json')) return { file, ...ociImage(entries) };
    if (entries.has('manifest.json')) return { file, ...dockerImage(entries) };
    throw new ArchiveError({ file, problem: 'has no index.json', expected: EXPECTED });
  } finally {
    closeSync(descriptor);
  }
}
