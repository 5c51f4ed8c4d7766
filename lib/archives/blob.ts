import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { ArchiveError } from './error';
import { readAt } from './list-tar';

/** Content inside of an archive, named by its digest. */
export interface Blob {
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly size: number;
  /** Offset of its first byte in the archive. */
  readonly offset: number;
  /** Path of the entry that contains it. */
  readonly entry: string;
}

/**
 * Reads a blob of an archive. @throws ArchiveError at the end of the content, when the content does not have its digest
 */
export async function* readBlob(file: string, blob: Blob): AsyncGenerator<Buffer> {
  const { digest, size, offset, entry } = blob;
  const hash = createHash('sha256');
  let left = size;
  if (size > 0) {
    for await (const chunk of createReadStream(file, {
      start: offset,
      end: offset + size - 1,
    }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      left -= chunk.length;
      yield chunk;
    }
  }
  if (left > 0) throw new ArchiveError({ file, entry, problem: 'is cut off', expected: `${size} bytes` });
  checkDigest(file, entry, digest, hash.digest('hex'));
}

/**
 * Reads a whole file unchanged. @throws ArchiveError at the end of the content, when the content does not have its
 * digest
 */
export function readWhole(file: string, digest: string): AsyncGenerator<Buffer> {
  return readBlob(file, { digest, size: statSync(file).size, offset: 0, entry: '.' });
}

/** Reads a blob that is small enough for memory. @throws ArchiveError when the content does not have its digest */
export function readSmallBlob(descriptor: number, file: string, blob: Blob): Buffer {
  const { digest, size, offset, entry } = blob;
  const content = readAt(descriptor, offset, size);
  if (!content) throw new ArchiveError({ file, entry, problem: 'is cut off', expected: `${size} bytes` });
  checkDigest(file, entry, digest, createHash('sha256').update(content).digest('hex'));
  return content;
}

function checkDigest(file: string, entry: string, expected: string, actual: string): void {
  if (actual !== expected)
    throw new ArchiveError({ file, entry, problem: `has the digest sha256:${actual}`, expected: `sha256:${expected}` });
}

/** Checks that a file is there and has its digest. @throws ArchiveError */
export async function checkFile(file: string, digest: string): Promise<void> {
  const expected = `a file with the digest sha256:${digest}`;
  const stats = await lstat(file).catch(() => undefined);
  if (!stats?.isFile()) throw new ArchiveError({ file, problem: stats ? 'is not a file' : 'is missing', expected });
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  const actual = hash.digest('hex');
  if (actual !== digest) throw new ArchiveError({ file, problem: `has the digest sha256:${actual}`, expected });
}
