import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compressionOf, MAGIC_LENGTH } from '../archives/compression';
import { ArchiveError } from '../archives/error';
import { readAt } from '../archives/list-tar';
import { mostPlain } from '../archives/root-layers';
import { imageCache } from './cache';

/** Runs a program whose output is limited. Arguments: the limit in KiB, and the command. */
const BOUNDED = 'ulimit -f $(($1 * 2)); shift; exec "$@"';

/**
 * Opens a decompressed file while `use` runs. Synthesis is synchronous and can't wait for streams, so a program
 * decompresses the file to the cache.
 * @throws ArchiveError for a damaged file, and for one that is too large
 */
export function withPlainFile<T>(file: string, use: (descriptor: number) => T): T {
  const source = openSync(file, constants.O_RDONLY);
  const plain = join(imageCache(), `plain.${process.pid}`);
  let target: number | undefined;
  try {
    const { size } = fstatSync(source);
    const program = compressionOf(readAt(source, 0, Math.min(size, MAGIC_LENGTH)) ?? Buffer.alloc(0));
    if (!program) return use(source);
    target = openSync(plain, 'wx+', 0o600);
    const kibibytes = String(Math.ceil(mostPlain(size) / 1024));
    const words = ['-c', BOUNDED, 'sh', kibibytes, program, '--decompress', '--stdout'];
    const done = spawnSync('sh', words, { stdio: [source, target, 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
    if (done.status !== 0) throw new ArchiveError({ file, ...failure(program, done) });
    return use(target);
  } finally {
    closeSync(source);
    if (target !== undefined) closeSync(target);
    rmSync(plain, { force: true });
  }
}

function failure(program: string, { status, signal, stderr }: SpawnSyncReturns<Buffer>) {
  if (signal === 'SIGXFSZ') return { problem: 'is too large', expected: 'at most 200 times its size, decompressed' };
  const expected = `a complete file compressed with ${program}`;
  if (status !== 127) return { problem: `is damaged: ${stderr.toString().trim() || signal}`, expected };
  const problem = `is compressed with ${program}, which is not installed on this machine`;
  return { problem, expected: `the program ${program}, such as by apt-get install` };
}
