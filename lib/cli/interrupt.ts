import { setMaxListeners } from 'node:events';
import { Interrupted } from './errors';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** Stopping that takes longer is told. */
const PATIENCE_MS = 300;
const SIGNALS = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];

/**
 * Does some work that a signal can stop: the first one aborts it, so that it can end in good order, the second one
 * ends the process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  // Each command that runs on a host listens, and there may be many at once.
  setMaxListeners(0, controller.signal);
  const stop = (signal: (typeof SIGNALS)[number]) => {
    if (controller.signal.aborted) process.exit(EXIT_CODES[signal]);
    const patience = setTimeout(
      () => process.stderr.write('\nStopping, press Ctrl-C again to leave at once\n'),
      PATIENCE_MS,
    );
    patience.unref();
    controller.abort(new Interrupted(EXIT_CODES[signal]));
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    // What was cut off may fail in words of its own.
    if (controller.signal.aborted && !(error instanceof Interrupted)) throw controller.signal.reason;
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
