import { Writable } from 'node:stream';
import type { Command, Connection } from './command-transport';
import { errorCode, Process } from './process';
import { escalation, handOn, type Session } from './session';
import { Slots } from './slots';
import { TransportError } from './transport';

// Each process takes three descriptors, so this is well under the usual soft limit of 1024 open files.
const maxProcesses = 64;

/** Starts a command on this machine. */
export type Start = (argv: readonly string[]) => Promise<Session>;

/** Runs commands on this machine. */
export class LocalConnection implements Connection {
  readonly #slots = new Slots(maxProcesses);
  readonly #start: Start;

  constructor(start: Start) {
    this.#start = start;
  }

  async open({ argv, input, signal }: Command): Promise<Session> {
    await this.#slots.acquire(signal);
    try {
      const session = await this.#start(argv);
      if (input) session.stdin.end(input);
      const release = () => this.#slots.release();
      session.ended.then(release, release);
      return session;
    } catch (error) {
      this.#slots.release();
      throw error;
    }
  }

  async close(): Promise<void> {}
}

/** Starts a command as the current user, without a shell. */
export async function startSession(argv: readonly string[]): Promise<Session> {
  let process: Process;
  try {
    process = await Process.start(argv);
  } catch (error) {
    return failedSession(argv, error);
  }
  const ended = process.closed.then((exitCode) => ({
    exitCode,
    stdout: Buffer.concat(process.stdout),
    stderr: Buffer.concat(process.stderr).toString(),
  }));
  const printedLine = new Promise<void>((resolve) => {
    process.onStdout((chunk) => chunk.includes('\n') && resolve());
  });
  const stop = escalation(
    ended,
    (name) => process.kill(`SIG${name}`),
    () => process.abandon(),
  );
  const stream = (listener: (chunk: Buffer) => void) => handOn(process, Buffer.concat(process.stdout), listener);
  return { stdin: process.stdin, printedLine, stream, ended, stop };
}

// The same exit codes and reasons as in a shell, and over SSH.
const outcomes: Readonly<Record<string, readonly [exitCode: number, reason: string]>> = {
  ENOENT: [127, 'not found'],
  ENOTDIR: [127, 'not found'],
  EACCES: [126, 'Permission denied'],
  ENOEXEC: [126, 'Exec format error'],
};

/** The session of a command that could not start, because its program is missing or not executable. */
function failedSession(argv: readonly string[], error: unknown): Session {
  const code = errorCode(error) ?? '';
  const program = JSON.stringify(argv[0]);
  if (code === 'E2BIG') throw tooLarge(argv);
  const outcome = outcomes[code];
  if (!outcome) throw new TransportError('local', `Cannot run ${program} on local: ${error}`);
  const [exitCode, reason] = outcome;
  return {
    stdin: new Writable().destroy(),
    printedLine: new Promise(() => {}),
    stream: () => {},
    ended: Promise.resolve({ exitCode, stdout: Buffer.alloc(0), stderr: `${argv[0]}: ${reason}\n` }),
    stop: () => {},
  };
}

export function tooLarge([program]: readonly string[]): Error {
  return new Error(`Cannot run ${JSON.stringify(program)}: its arguments are too large: pass what is large as input`);
}
