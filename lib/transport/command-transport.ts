import { Readable } from 'node:stream';
import { assertArgv } from './quote';
import { feed, graceMs, type Session } from './session';
import { type Held, HoldError, type RunOptions, type RunResult, type Transport, TransportError } from './transport';

/** A command to start. */
export interface Command {
  readonly argv: readonly string[];
  /** `run` ends by itself. `hold` ends when it is told to. */
  readonly use: 'run' | 'hold';
  /**
   * The whole input. A connection may send it before the command has started, and sends it again if it must start the
   * command again.
   * @default - the input follows through the session, which also ends it
   */
  readonly input?: Uint8Array | undefined;
  /** If it aborts before the command has started, nothing of the command may be left. */
  readonly signal: AbortSignal;
}

/** The part of a transport that depends on how the host is reached. */
export interface Connection {
  /** Starts a command. */
  open(command: Command): Promise<Session>;
  /** Called once, when no session is left. */
  close(): Promise<void>;
}

interface Operation {
  readonly argv: readonly string[];
  readonly stopper: AbortController;
  /** Never rejects. */
  readonly finished: Promise<void>;
}

/** A transport over any connection. Input, abort, holding and closing are the same for all connections. */
export class CommandTransport implements Transport {
  readonly #connection: Connection;
  readonly #operations = new Set<Operation>();
  #closing: Promise<void> | undefined;

  constructor(
    readonly address: string,
    connection: Connection,
  ) {
    this.#connection = connection;
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { input = new Uint8Array(), signal, onStdout } = options;
    if (input instanceof Readable) return this.#runFed(argv, input, options);
    if (onStdout) return this.#runFed(argv, Readable.from([input]), options);
    const session = await this.#start({ argv, use: 'run', input }, signal);
    return session.ended;
  }

  async #runFed(argv: readonly string[], input: Readable, { signal, onStdout }: RunOptions): Promise<RunResult> {
    // The stream may fail during the connection. Its reader gets the error later.
    input.on('error', () => {});
    try {
      const session = await this.#start({ argv, use: 'run' }, signal);
      if (onStdout) session.stream(onStdout);
      const fed = feed(session.stdin, input).catch((error) => {
        session.stop();
        throw error;
      });
      const [ended, written] = await Promise.allSettled([session.ended, fed]);
      if (written.status === 'rejected') throw written.reason;
      if (ended.status === 'rejected') throw ended.reason;
      return onStdout ? { ...ended.value, stdout: Buffer.alloc(0) } : ended.value;
    } finally {
      input.destroy();
    }
  }

  async hold(argv: readonly string[], options: Pick<RunOptions, 'signal'> = {}): Promise<Held> {
    const session = await this.#start({ argv, use: 'hold' }, options.signal);
    const early = await Promise.race([session.printedLine, session.ended]);
    if (early) {
      const stderr = early.stderr.trim();
      const problem = `it ended with exit code ${early.exitCode}, expected a line and then to go on`;
      const message = `Cannot hold ${JSON.stringify(argv[0])} on ${this.address}: ${problem}${stderr && `: ${stderr}`}`;
      throw new HoldError(this.address, message, early.exitCode, early.stderr);
    }
    // A lost connection also loses what it held, so nothing is left to release.
    const ended = session.ended.then(
      () => {},
      () => {},
    );
    return {
      ended,
      release: async () => {
        session.stdin.end();
        const overdue = setTimeout(() => session.stop(), graceMs);
        await ended;
        clearTimeout(overdue);
      },
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #start(command: Omit<Command, 'signal'>, signal: AbortSignal | undefined): Promise<Session> {
    const { argv } = command;
    assertArgv(argv);
    signal?.throwIfAborted();
    if (this.#closing) throw this.#closedError(argv);
    const stopper = new AbortController();
    const abort = () => stopper.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    const opening = this.#connection.open({ ...command, signal: stopper.signal });
    const finished = opening
      .then((session) => session.ended)
      .catch(() => {})
      .then(() => {
        signal?.removeEventListener('abort', abort);
        this.#operations.delete(operation);
      });
    const operation: Operation = { argv, stopper, finished };
    this.#operations.add(operation);
    const session = await opening;
    stopper.signal.addEventListener('abort', session.stop);
    if (stopper.signal.aborted) session.stop();
    // A stopped command may end with any status. The abort is its result.
    const ended = finished.then(() => {
      stopper.signal.throwIfAborted();
      return session.ended;
    });
    ended.catch(() => {});
    return { ...session, ended };
  }

  async #end(): Promise<void> {
    const operations = [...this.#operations];
    for (const { stopper, argv } of operations) stopper.abort(this.#closedError(argv));
    await Promise.all(operations.map(({ finished }) => finished));
    await this.#connection.close();
  }

  #closedError(argv: readonly string[]): TransportError {
    return new TransportError(
      this.address,
      `Cannot run ${JSON.stringify(argv[0])} on ${this.address}: the connection was closed`,
    );
  }
}
