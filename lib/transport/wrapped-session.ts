import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { escalation, type Gathered, handOn, type Session } from './session';
import type { TransportError } from './transport';
import { parseEnd, parseStart } from './wrapper';

/** Where the input of a command goes and its outputs come from: a process of its own, or a part of one. */
export interface Client extends Gathered {
  readonly stdin: Writable;
  readonly stderr: readonly Buffer[];
  /** Resolves once all output is here. Never rejects. */
  readonly closed: Promise<unknown>;
}

/** A word that no output contains by chance. */
export function newId(): string {
  return `bulkhead-${randomBytes(8).toString('hex')}`;
}

/** A command that has not been started. The message is what its client said instead. */
export class SessionFailure extends Error {
  constructor(readonly output: string) {
    super(output.trim().replaceAll('\n', '; '));
  }
}

/**
 * The command's process group, once it has started: from then on its input can be sent, whatever fails before can be
 * tried again.
 * @throws SessionFailure
 */
export function startedGroup(id: string, client: Client): Promise<string> {
  return new Promise((resolve, reject) => {
    let group: string | undefined;
    const look = () => {
      if (group !== undefined) return;
      group = parseStart(id, Buffer.concat(client.stdout))?.group;
      if (group !== undefined) resolve(group);
    };
    look();
    client.onStdout(look);
    client.closed.then(() => reject(new SessionFailure(Buffer.concat(client.stderr).toString())));
  });
}

/** Controls a started command. */
export interface Handle {
  /** Signals its process group. */
  readonly signal: (name: 'TERM' | 'KILL') => void;
  /** Waits no longer for processes that left the group. */
  readonly abandon: () => void;
  /** What it means that the command never reported its end. */
  readonly lost: () => TransportError;
}

/** The session of a started command that runs under the wrapper. */
export function wrappedSession(id: string, client: Client, { signal, abandon, lost }: Handle): Session {
  const stdout = () => parseStart(id, Buffer.concat(client.stdout))?.rest ?? Buffer.alloc(0);
  const ended = client.closed.then(() => {
    const report = parseEnd(id, Buffer.concat(client.stderr));
    if (!report) throw lost();
    return { ...report, stdout: stdout() };
  });
  ended.catch(() => {});
  const printedLine = new Promise<void>((resolve) => {
    if (stdout().includes('\n')) resolve();
    client.onStdout((chunk) => chunk.includes('\n') && resolve());
  });
  const stream = (listener: (chunk: Buffer) => void) => handOn(client, stdout(), listener);
  return { stdin: client.stdin, printedLine, stream, ended, stop: escalation(ended, signal, abandon) };
}
