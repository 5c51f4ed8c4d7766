import { Writable } from 'node:stream';
import type { Process } from './process';
import type { Client } from './wrapped-session';

/** As much input as a pipe takes at once: the supervisor, which hands it on, must not wait for the command to read. */
export const firstInputBytes = 32 * 1024;

/** The first command of a connection. It shares the client that makes the connection with the supervisor on the host. */
export class FirstCommand implements Client {
  readonly stdin: Writable;
  readonly stdout: Buffer[] = [];
  readonly stderr: Buffer[] = [];
  readonly closed: Promise<void>;
  readonly #listeners: Listener[] = [];
  #abandon = () => {};

  constructor(client: Process, id: string) {
    this.stdin = new Writable({
      write(chunk: Buffer, _encoding, done) {
        client.stdin.write(`input ${chunk.length}\n`);
        client.stdin.write(chunk, () => done());
      },
      final(done) {
        client.stdin.write('eof\n', () => done());
      },
    });
    const abandoned = new Promise<void>((resolve) => {
      this.#abandon = resolve;
    });
    const mark = Buffer.from(`${id} closed\n`);
    const outputs = Promise.all([
      upTo(mark, this.stdout, (listener) => client.onStdout(listener), this.#listeners),
      upTo(mark, this.stderr, (listener) => client.onStderr(listener)),
    ]).then(() => client.forget());
    this.closed = Promise.race([outputs, client.closed, abandoned]).then(() => {
      this.stdin.destroy();
    });
  }

  onStdout(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Waits no longer for processes that left the group and keep the pipes. */
  abandon(): void {
    this.#abandon();
  }
}

type Listener = (chunk: Buffer) => unknown;

/** Gathers an output, and hands it to listeners, up to the mark that ends it. */
function upTo(
  mark: Buffer,
  gathered: Buffer[],
  listen: (listener: Listener) => void,
  listeners: readonly Listener[] = [],
): Promise<void> {
  let tail = Buffer.alloc(0);
  return new Promise((resolve) => {
    listen((chunk) => {
      gathered.push(chunk);
      tail = Buffer.concat([tail, chunk]).subarray(-mark.length);
      const over = tail.equals(mark);
      if (over) gathered.splice(0, gathered.length, Buffer.concat(gathered).subarray(0, -mark.length));
      for (const listener of listeners) listener(over ? chunk.subarray(0, -mark.length) : chunk);
      if (over) resolve();
    });
  });
}
