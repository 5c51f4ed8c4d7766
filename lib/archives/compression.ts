import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createGunzip, createGzip } from 'node:zlib';
import { ArchiveError } from './error';

export type Compression = 'gzip' | 'xz' | 'zstd' | 'bzip2';

const MAGIC: readonly (readonly [hex: string, compression: Compression])[] = [
  ['1f8b', 'gzip'],
  ['fd377a585a00', 'xz'],
  ['28b52ffd', 'zstd'],
  ['425a68', 'bzip2'],
];

/** Number of bytes at the start of a file that show its compression. */
export const MAGIC_LENGTH = 6;

/** The compression of a file that starts with these bytes. Undefined for a file that is not compressed. */
export function compressionOf(beginning: Buffer): Compression | undefined {
  const hex = beginning.toString('hex');
  return MAGIC.find(([magic]) => hex.startsWith(magic))?.[1];
}

/**
 * Decompresses a stream. For compressions that Node does not support, it runs the program of that name.
 * @param file name of the stream in errors
 */
export async function* decompress(source: Readable, compression: Compression, file: string): AsyncGenerator<Buffer> {
  try {
    if (compression === 'gzip') yield* source.pipe(gunzip(source));
    else yield* filter(source, compression, file);
  } catch (error) {
    if (error instanceof ArchiveError || !isDamage(error)) throw error;
    const problem = `is damaged: ${(error as Error).message}`;
    throw new ArchiveError({ file, problem, expected: `a complete file compressed with ${compression}` });
  } finally {
    source.destroy();
  }
}

/** Compresses a stream with gzip at the fastest level. */
export async function* gzip(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const compressed = createGzip({ level: 1 });
  // The reader of the result throws errors of this pipeline.
  pipeline(Readable.from(source, { objectMode: false }), compressed, () => {});
  yield* compressed;
}

function gunzip(source: Readable) {
  const stream = createGunzip();
  source.once('error', (error) => stream.destroy(error));
  return stream;
}

/** Whether an error is from zlib. An error while reading the file does not mean that the archive is damaged. */
function isDamage(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith('Z_');
}

async function* filter(source: Readable, program: Compression, file: string): AsyncGenerator<Buffer> {
  const child = spawn(program, ['--decompress', '--stdout'], { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' } });
  const started = once(child, 'spawn').then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
  const closed = once(child, 'close').catch(() => [undefined]);
  const said = text(child.stderr).catch(() => '');
  let broken: Error | null | undefined;
  pipeline(source, child.stdin, (error) => {
    broken = error;
  });
  try {
    const failed = await started;
    if (failed) throw missing(program, file, failed);
    yield* child.stdout;
    const [code] = await closed;
    if (broken instanceof ArchiveError) throw broken;
    // A program that ends early closes its input, and says why on standard error.
    if (code !== 0) {
      const problem = `is damaged: ${(await said).trim() || `${program} ended with exit code ${code}`}`;
      throw new ArchiveError({ file, problem, expected: `a complete file compressed with ${program}` });
    }
    if (broken) throw broken;
  } finally {
    child.kill();
  }
}

function missing(program: Compression, file: string, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOENT') return error;
  const problem = `is compressed with ${program}, which is not installed on this machine`;
  return new ArchiveError({ file, problem, expected: `the program ${program}, such as by apt-get install` });
}
