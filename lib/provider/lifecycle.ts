import { Console } from 'node:console';
import { setMaxListeners } from 'node:events';
import { DiagnosticError } from './diagnostics';
import { log } from './log';

// Read at once: whoever started us may be gone a moment later.
const terraform = process.ppid;
const ORPHAN_CHECK_MS = 1000;
const CLOSE_LIMIT_MS = 5000;
const HANG_UP_LIMIT_MS = 500;

/** Keeps stray output and exceptions from confusing Terraform. */
export function guardProcess(): void {
  // Stdout belongs to the handshake.
  globalThis.console = new Console(process.stderr);
  // Once Terraform is gone nobody reads what we say: no reason not to end in good order.
  process.stderr.on('error', () => {});
  process.on('uncaughtException', (error) => {
    // Terraform looks for this word and shows what follows.
    process.stderr.write(`panic: ${error instanceof Error ? error.stack : error}\n`);
    process.exit(2);
  });
}

/** How this process ends. */
export interface Lifecycle {
  /** Aborts on `stop` and on `close`. */
  readonly signal: AbortSignal;
  /** Tells operations to end soon. Terraform still listens to what they say. */
  stop(): void;
  /** Ends the provider's connections, within a few seconds. */
  close(): Promise<void>;
  /** Ends the process once the client has hung up. */
  exitAfter(server: { close(closed: () => void): void }): void;
}

/** Ties this process to the Terraform that started it. Comes before the handshake: from then on it may be told to end. */
export function followTerraform(closeProvider: () => Promise<void>): Lifecycle {
  const abort = new AbortController();
  // Each command that runs on a host listens, and there may be many at once.
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

  // Sent to the whole process group, Terraform included: it is Terraform that decides what follows, and the one to end us.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  // A Terraform that was killed says nothing. That it hung up is no sign: it does so after half an hour without calls.
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
