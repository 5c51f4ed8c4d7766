import type { Readable } from 'node:stream';

/** How a command ended. */
export interface RunResult {
  /** Exit status as a shell reports it: 128 + n when signal n ended the command, 127 when there is no such command. */
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface RunOptions {
  /**
   * Bytes for standard input; a stream is read no faster than the command reads, and destroyed when the command ends
   * before it. A command that leaves input unread has not failed for that.
   * @default - empty
   */
  readonly input?: Uint8Array | Readable;
  /**
   * Stops the command when it aborts, with all processes of its process group: SIGTERM, and SIGKILL 5 seconds later.
   * `run` rejects with the signal's reason once the command has ended and nothing of its group writes to its outputs.
   */
  readonly signal?: AbortSignal;
  /**
   * Takes standard output as it comes, in pieces of any length. None of it is kept: the result has an empty `stdout`.
   * @default - all of it is kept, for the result
   */
  readonly onStdout?: (chunk: Buffer) => void;
}

/** A command that runs until `release` closes its standard input, such as one that holds a lock. */
export interface Held {
  /** Resolves when it has ended, by itself, with the connection, or because it was released. */
  readonly ended: Promise<void>;
  /** Closes its standard input and resolves when it has ended; after 5 seconds it is stopped as by `signal`. */
  release(): Promise<void>;
}

/**
 * A way to run commands on one host as root. Where the user that its address names is another, they run through
 * `sudo -n`, which needs `NOPASSWD` in sudoers(5).
 */
export interface Transport {
  /** The host as the user wrote it, for messages: `ssh://root@192.0.2.10`. */
  readonly address: string;
  /**
   * Runs a command: a program file, found through PATH, never a shell's builtin. Arguments arrive unchanged whatever
   * they contain: no shell sees them. An argument can be at most 128 kB long; over SSH that holds for all together.
   * Output is kept in memory, unless `onStdout` takes it. Any number of commands may be run at once; over SSH all but eight wait for their turn.
   * @throws Error when no host could run this: the program is missing, or the arguments are too long.
   * @throws TransportError when the host can't be reached, sudo refuses, or the connection is lost. A command that failed, or that the
   * host does not have, is not an error here: it has an exit code.
   */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /**
   * Starts a command and resolves once it printed a line, which is its sign that it holds what it was started for.
   * Over SSH it takes one of the eight turns for as long as it is held.
   * @throws TransportError when it ends without printing one; the message carries its stderr.
   */
  hold(argv: readonly string[], options?: Pick<RunOptions, 'signal'>): Promise<Held>;
  /**
   * Ends the connection and all that still runs through it. Safe to call twice. A transport that has been used keeps
   * the process alive until then.
   */
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
    /** Whether it is what a host says that is still starting: a later attempt may succeed. */
    readonly mayPass = false,
  ) {
    super(message);
  }
}

/** A command that was to be held has ended by itself. */
export class HoldError extends TransportError {
  constructor(
    address: string,
    message: string,
    readonly exitCode: number,
    readonly stderr: string,
  ) {
    super(address, message);
  }
}
