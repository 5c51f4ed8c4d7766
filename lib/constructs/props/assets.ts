import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Asset } from '../../rendering/service';
import { fail } from '../problem';

export type { Asset };

const digests = new Map<string, string>();

/**
 * Returns a file of this machine with its digest. The file is read as a whole, once per process. @throws Error when the
 * file can't be read
 */
export function assetOf(path: string, action: string, at: string): Asset {
  const file = resolve(path);
  try {
    const { size, mtimeMs } = statSync(file);
    const key = `${file}\0${size}\0${mtimeMs}`;
    const digest = digests.get(key) ?? digestOf(file);
    digests.set(key, digest);
    return { digest, file };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'does not exist' : `can't be read (${code ?? error})`;
    return fail({ action, value: path, problem, expected: 'a file on this machine', at });
  }
}

function digestOf(file: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 20);
  const descriptor = openSync(file, 'r');
  try {
    for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer))
      hash.update(buffer.subarray(0, length));
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}
