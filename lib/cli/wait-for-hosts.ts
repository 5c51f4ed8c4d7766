import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError } from 'commander';
import { type Transport, TransportError } from '../transport';
import { Progress } from './progress';

/** Time between two attempts. */
const PAUSE_MS = 2000;

const UNITS: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000 };

/** Reads a time such as `30s`, `5min` or `1h`. Milliseconds. */
export function parseTime(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})(s|min|h)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('Expected a time such as 30s, 5min or 1h.');
  return Number(number) * (UNITS[unit] ?? 0);
}

/**
 * Waits until hosts let us in, all at once, and says on standard error what each of them is at. It ends early for a host
 * with a problem that no waiting solves. Why a host does not let us in is for the next who connects to tell.
 */
export async function waitForHosts(
  hosts: readonly { readonly address: string; readonly transport: Transport }[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const progress = new Progress(process.stderr.isTTY ? 'live' : 'lines', process.stderr);
  const transports = new Set(hosts.map(({ transport }) => transport));
  progress.waiting('connecting');
  try {
    await Promise.all([...transports].map((transport) => waitForHost(transport, timeoutMs, progress, signal)));
  } finally {
    progress.end();
  }
}

async function waitForHost(
  transport: Transport,
  timeoutMs: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  let told = '';
  for (;;) {
    const problem = await problemOf(transport, signal);
    if (problem === undefined || progress.elapsed + PAUSE_MS > timeoutMs) return;
    if (problem !== told) progress.step(`waiting: ${problem}`);
    told = problem;
    progress.waiting(problem);
    await sleep(PAUSE_MS, undefined, { signal });
  }
}

/** What may pass by itself, in words; undefined once the host lets us in, or never will. */
async function problemOf(transport: Transport, signal: AbortSignal): Promise<string | undefined> {
  try {
    await transport.run(['true'], { signal });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof TransportError && error.mayPass ? error.message : undefined;
  }
}
