import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';

/**
 * Does `work` while holding an exclusive lock on a file, after waiting for whoever holds it now. The kernel frees the
 * lock when this process ends in whatever way, so it is never left over.
 * @param waiting Called when somebody else has held the lock for a second.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
  waiting: () => void = () => undefined,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  signal?.throwIfAborted();
  // The holder ends with its standard input, which this process holds open.
  const holder = spawn('flock', [path, 'sh', '-c', 'echo; exec cat'], {
    stdio: 'pipe',
    // Ctrl-C must not free the lock while there is something left to clean up.
    detached: true,
  });
  const ended = once(holder, 'exit');
  const complaint = text(holder.stderr);
  const giveUp = () => holder.kill();
  signal?.addEventListener('abort', giveUp, { once: true });
  const patience = setTimeout(waiting, 1000);
  try {
    const locked = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)]);
    clearTimeout(patience);
    signal?.throwIfAborted();
    if (!locked) throw new Error(`Cannot lock "${path}": ${(await complaint).trim()}`);
    signal?.removeEventListener('abort', giveUp);
    return await work();
  } finally {
    clearTimeout(patience);
    signal?.removeEventListener('abort', giveUp);
    holder.stdin.end();
    await ended;
  }
}
