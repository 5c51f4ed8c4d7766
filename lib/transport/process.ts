import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Writable } from 'node:stream';

/** A child process that leads its own process group. Its output is collected from the first byte on. */
export class Process {
  readonly stdout: Buffer[] = [];
  readonly stderr: Buffer[] = [];
  /** The exit status, or 128 + n after signal n. Resolves once all output has arrived. Never rejects. */
  readonly closed: Promise<number>;
  readonly #child: ChildProcessWithoutNullStreams;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => this.stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.stderr.push(chunk));
    // A failed start rejects `start`. When a process ends, its output ends, and a writer sees a closed stream.
    for (const emitter of [child, ...child.stdio]) emitter?.on('error', () => {});
    this.closed = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  }

  /** @throws the system's error, with its `code`, when the program can't be started. */
  static async start(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Process> {
    const [program = '', ...args] = argv;
    // Detached, since this program handles Ctrl-C at the terminal itself, and still needs the connection then.
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

  /** Drops the output collected so far. */
  forget(): void {
    for (const output of [this.stdout, this.stderr]) output.length = 0;
  }

  /** Ends its input and lets it end by itself. Nothing waits for it. */
  leave(): void {
    this.#child.stdin.end();
    this.abandon();
    this.#child.unref();
  }

  /** Signals the whole process group, even if its leader has ended. */
  kill(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error;
    }
  }

  /** Stops waiting for the output of a process that left the group and keeps the pipes open. */
  abandon(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }
}

/** The system's name of an error: `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
