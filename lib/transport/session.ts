import type { Readable, Writable } from 'node:stream';
import type { RunResult } from './transport';

/** One started command. */
export interface Session {
  readonly stdin: Writable;
  /** Resolves at the first line on standard output. Stays pending without output. */
  readonly printedLine: Promise<void>;
  /** Passes standard output on from its beginning, and keeps none of it. */
  readonly stream: (listener: (chunk: Buffer) => void) => void;
  /** @throws TransportError when the connection is lost before the command has ended */
  readonly ended: Promise<RunResult>;
  /** Ends the command's process group with SIGTERM, and then with SIGKILL. Does nothing after its end. */
  readonly stop: () => void;
}

/** Collected output. */
export interface Gathered {
  readonly stdout: Buffer[];
  onStdout(listener: (chunk: Buffer) => unknown): void;
}

/** Passes on the output so far, and then all further output, none of which is kept. */
export function handOn(gathered: Gathered, printed: Buffer, listener: (chunk: Buffer) => void): void {
  gathered.stdout.length = 0;
  if (printed.length > 0) listener(printed);
  gathered.onStdout((chunk) => {
    gathered.stdout.length = 0;
    listener(chunk);
  });
}

/** Milliseconds for a command to end after SIGTERM, or after its standard input closed. */
export const graceMs = 5000;

/**
 * The `stop` of a session: it sends SIGTERM, then SIGKILL, and then stops waiting for processes that left the group and
 * keep the pipes open.
 */
export function escalation(ended: Promise<unknown>, signal: (name: 'TERM' | 'KILL') => void, abandon: () => void) {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    over = true;
    clearTimeout(timer);
  };
  ended.then(end, end);
  return () => {
    if (over || timer) return;
    signal('TERM');
    timer = setTimeout(() => {
      signal('KILL');
      timer = setTimeout(abandon, 1000);
    }, graceMs);
  };
}

/** Writes input as fast as the command reads it. Stops without an error when the command no longer reads. */
export async function feed(stdin: Writable, input: Readable): Promise<void> {
  const leave = () => input.destroy();
  if (stdin.destroyed) leave();
  stdin.once('close', leave);
  try {
    for await (const chunk of input) {
      if (stdin.destroyed) return;
      if (!stdin.write(chunk)) await drained(stdin);
    }
  } catch (error) {
    if (!stdin.destroyed) throw error;
  } finally {
    stdin.off('close', leave);
    stdin.end();
  }
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}
