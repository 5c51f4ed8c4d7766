import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Writable } from 'node:stream';

/** A child process that leads a process group of its own, with its output gathered from the first byte on. */
export class Process {
  readonly stdout: Buffer[] = [];
  readonly stderr: Buffer[] = [];
  /** The exit status, 128 + n after signal n; resolves once all output is here. Never rejects. */
  readonly closed: Promise<number>;
  readonly #child: ChildProcessWithoutNullStreams;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => this.stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.stderr.push(chunk));
    // A failed start rejects `start`; a process that died ends its output, and who writes to it sees the stream closed.
    for (const emitter of [child, ...child.stdio]) emitter?.on('error', () => {});
    this.closed = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  }

  /** @throws the system's error, with its `code`, when the program can't be started. */
  static async start(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Process> {
    const [program = '', ...args] = argv;
    // Detached: a Ctrl-C at the terminal is ours to handle, and must not cut the connection we need for that.
    const env = { ...process.env, ...environment };
    const child = spawn(program, args, { detached: true, stdio: 'pipe', env });
    const started = new Process(child);
    await once(child, 'spawn');
    return started;
  }

  get stdin(): Writable {
    return this.#child.stdin;
  }

  onStdout(listener: (chunk: Buffer) => unknown): void {
    this.#child.stdout.on('data', listener);
  }

  onStderr(listener: (chunk: Buffer) => unknown): void {
    this.#child.stderr.on('data', listener);
  }

  /** Lets go of the output that has been gathered so far. */
  forget(): void {
    for (const output of [this.stdout, this.stderr]) output.length = 0;
  }

  /** Ends its input and lets it end by itself, without anybody waiting for it. */
  leave(): void {
    this.#child.stdin.end();
    this.abandon();
    this.#child.unref();
  }

  /** Signals the whole process group, also when its leader has ended and others have not. */
  kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error;
    }
  }

  /** Waits no longer for the output of a process that left the group and keeps the pipes. */
  abandon(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }
}

/** The system's name of an error: `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
