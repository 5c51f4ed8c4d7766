import { Readable } from 'node:stream';
import { ArchiveError } from '../../archives';
import type { RunResult } from '../../transport';
import { archiveError } from '../check-assets';
import { run } from '../run';
import type { Scope } from '../scope';

/** The use of an archive, for errors. */
export interface ArchivePurpose {
  readonly service: string;
  readonly action: string;
  readonly at: readonly string[];
}

export interface ArchiveToSend {
  /** Shell text that reads the archive from standard input, and its arguments. */
  readonly script: string;
  readonly args: readonly string[];
  /** Opens the archive, and writes it anew with the expected entries only. */
  readonly archive: () => AsyncIterable<Buffer>;
  readonly purpose: ArchivePurpose;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends an archive to a host while it is read and checked here.
 * @throws ApplyError when the archive is invalid, or the host refuses it
 */
export async function sendArchive(
  scope: Scope,
  { script, args, archive, purpose, signal }: ArchiveToSend,
): Promise<RunResult> {
  return readingArchive(scope, purpose, () => {
    const input = Readable.from(archive(), { objectMode: false });
    return run(scope, ['sh', '-c', script, 'sh', ...args], purpose, { input, ...(signal && { signal }) });
  });
}

/** Runs an action that reads an archive. @throws ApplyError when the archive is invalid */
export async function readingArchive<T>(
  { address }: Scope,
  purpose: ArchivePurpose,
  read: () => T | Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof ArchiveError ? archiveError(address, purpose, error) : error;
  }
}
