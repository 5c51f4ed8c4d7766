import type { Readable, Writable } from 'node:stream';
import type { RunResult } from './transport';

/** One started command. */
export interface Session {
  readonly stdin: Writable;
  /** Resolves at the first line on standard output; stays pending when there is none. */
  readonly printedLine: Promise<void>;
  /** Hands standard output on, from its beginning, and keeps none of it. */
  readonly stream: (listener: (chunk: Buffer) => void) => void;
  /** @throws TransportError when the connection is lost before the command ended. */
  readonly ended: Promise<RunResult>;
  /** Ends the command's process group: SIGTERM, then SIGKILL. Does nothing when it has ended. */
  readonly stop: () => void;
}

/** An output that is gathered. */
export interface Gathered {
  readonly stdout: Buffer[];
  onStdout(listener: (chunk: Buffer) => unknown): void;
}

/** Hands on what has been printed so far, and then what is gathered, which is forgotten. */
export function handOn(gathered: Gathered, printed: Buffer, listener: (chunk: Buffer) => void): void {
  gathered.stdout.length = 0;
  if (printed.length > 0) listener(printed);
  gathered.onStdout((chunk) => {
    gathered.stdout.length = 0;
    listener(chunk);
  });
}

/** How long a command may take to end after SIGTERM, or after its standard input closed. */
export const graceMs = 5000;

/** A session's `stop`: asks, insists, and at last no longer waits for processes that left the group and keep the pipes. */
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

/** Writes input as fast as the command reads it, and stops without an error when the command no longer does. */
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
