import type { Readable } from 'node:stream';

/** How a command ended. */
export interface RunResult {
  /** Exit status; 128 + n when signal n ended it. */
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  /** Bytes for standard input; nothing by default. */
  readonly input?: Uint8Array | Readable;
  /** Stops the command (SIGTERM) when it aborts; `run` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A command that runs until `release` closes its standard input, such as one that holds a lock. */
export interface Held {
  release(): Promise<void>;
}

/** A way to run commands on one host as root. */
export interface Transport {
  /** The host as the user wrote it, for messages: `ssh://root@192.0.2.10`. */
  readonly address: string;
  /**
   * Runs a command. Arguments arrive unchanged whatever they contain: no shell sees them.
   * @throws TransportError when the host can't be reached or the command can't be started. A command that ran and
   * failed is not an error here: it has an exit code.
   */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /**
   * Starts a command and resolves once it printed a line, which is its sign that it holds what it was started for.
   * @throws TransportError when it ends without printing one; the message carries its stderr.
   */
  hold(argv: readonly string[], options?: Pick<RunOptions, 'signal'>): Promise<Held>;
  /** Ends the connection and all that still runs through it. Safe to call twice. */
  close(): Promise<void>;
}

/** The host can't be reached, does not let us in, or is not the one expected. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  constructor(
    readonly address: string,
    message: string,
    /** What to do about it, one line. */
    readonly advice?: string,
  ) {
    super(message);
  }
}
