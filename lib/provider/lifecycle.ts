import { Console } from 'node:console';
import { setMaxListeners } from 'node:events';
import { DiagnosticError } from './diagnostics';
import { log } from './log';

// Read at once, since the parent process may end a moment later.
const terraform = process.ppid;
const ORPHAN_CHECK_MS = 1000;
const CLOSE_LIMIT_MS = 5000;
const HANG_UP_LIMIT_MS = 500;

/** Keeps stray output and exceptions away from Terraform. */
export function guardProcess(): void {
  // Stdout is for the handshake.
  globalThis.console = new Console(process.stderr);
  // After Terraform has ended, nobody reads this output. The process must still end in good order.
  process.stderr.on('error', () => {});
  process.on('uncaughtException', (error) => {
    // Terraform looks for this word, and shows the text after it.
    process.stderr.write(`panic: ${error instanceof Error ? error.stack : error}\n`);
    process.exit(2);
  });
}

/** The end of this process. */
export interface Lifecycle {
  /** Aborts on `stop` and on `close`. */
  readonly signal: AbortSignal;
  /** Asks operations to end soon. Terraform still reads their answers. */
  stop(): void;
  /** Ends the provider's connections, within a few seconds. */
  close(): Promise<void>;
  /** Ends the process once the client has hung up. */
  exitAfter(server: { close(closed: () => void): void }): void;
}

/**
 * Ties this process to the Terraform that started it. Call it before the handshake, since Terraform can end the process
 * from then on.
 */
export function followTerraform(closeProvider: () => Promise<void>): Lifecycle {
  const abort = new AbortController();
  // Each running command on a host listens to the signal, and there may be many at once.
  setMaxListeners(0, abort.signal);
  const stop = () => {
    if (!abort.signal.aborted)
      abort.abort(new DiagnosticError('Interrupted', { detail: 'Terraform was told to stop.' }));
  };
  let closed: Promise<void> | undefined;
  const close = () => {
    stop();
    closed ??= within(CLOSE_LIMIT_MS, closeProvider()).catch((error) =>
      log('error', 'close failed', { error: String(error) }),
    );
    return closed;
  };

  // Ctrl-C sends SIGINT to the whole process group. Terraform decides what follows, and ends this process.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  // A killed Terraform sends no message. A closed connection is no sign of its end, since Terraform also closes it
  // after half an hour without calls.
  setInterval(() => {
    if (process.ppid !== terraform) close().finally(() => process.exit());
  }, ORPHAN_CHECK_MS).unref();

  return {
    signal: abort.signal,
    stop,
    close,
    exitAfter(server) {
      server.close(() => process.exit());
      setTimeout(() => process.exit(), HANG_UP_LIMIT_MS).unref();
    },
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
