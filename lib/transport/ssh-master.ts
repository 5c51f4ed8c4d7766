import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Process } from './process';
import { graceMs } from './session';
import { clientVersion, masterArgv, startClient } from './ssh-client';
import { connectError, type SshTarget } from './ssh-errors';
import { parseReady, patienceSec } from './ssh-supervisor';

/**
 * One SSH connection, which commands share (ControlMaster in ssh_config(5)). It is a child process that ends with us,
 * however we end: its command on the host reads from our pipe.
 */
export class SshMaster {
  /** Resolves when the connection is gone, for whatever reason. */
  readonly ended: Promise<void>;
  /** The socket through which ssh clients reach it. */
  readonly controlPath: string;
  /** What to put before a command for it to run as root. */
  readonly asRoot: readonly string[];
  readonly #process: Process;
  #alive = true;

  private constructor(controlPath: string, asRoot: readonly string[], process: Process) {
    this.controlPath = controlPath;
    this.asRoot = asRoot;
    this.#process = process;
    const heartbeat = setInterval(() => this.tell('beat'), (patienceSec * 1000) / 4);
    this.ended = process.closed.then(() => {
      this.#alive = false;
      clearInterval(heartbeat);
    });
  }

  /** @throws TransportError when the connection can't be made. */
  static async connect(target: SshTarget, signal: AbortSignal): Promise<SshMaster> {
    const version = await clientVersion();
    const directory = await mkdtemp(join(socketParent(), 'bulkhead-ssh-'));
    const controlPath = join(directory, 'ssh');
    const argv = [...cleaning(directory), ...masterArgv(target, controlPath, version)];
    const process = await startClient(target, argv);
    const stop = () => process.kill('SIGTERM');
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const ready = new Promise<readonly string[]>((resolve) => {
      process.onStdout(() => {
        const asRoot = parseReady(Buffer.concat(process.stdout).toString());
        if (asRoot) resolve(asRoot);
      });
    });
    const asRoot = await Promise.race([ready, process.closed.then(() => undefined)]);
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
    if (!asRoot) throw connectError(target, Buffer.concat([...process.stdout, ...process.stderr]).toString());
    return new SshMaster(controlPath, asRoot, process);
  }

  /** Tells the supervisor on the host what happens. */
  tell(...words: readonly string[]): void {
    if (this.#alive) this.#process.stdin.write(`${words.join(' ')}\n`);
  }

  /** Waits for the connection to end, but not for long: whether it did. */
  async endsSoon(): Promise<boolean> {
    await Promise.race([this.ended, delay(1000, undefined, { ref: false })]);
    return !this.#alive;
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    const overdue = setTimeout(() => this.#process.kill('SIGTERM'), graceMs);
    await this.ended;
    clearTimeout(overdue);
  }
}

/** Runs the words after it and then removes the directory: a shell does that also when we have been killed. */
function cleaning(directory: string): string[] {
  return ['sh', '-c', 'trap : HUP INT TERM; "$@"; code=$?; rm -r "$0"; exit $code', directory];
}

// A socket's path has 107 bytes at most (unix(7)), of which ssh needs 17 while it makes it; and ssh expands % and ~.
function socketParent(): string {
  return /^[\w/.-]{1,60}$/.test(tmpdir()) ? tmpdir() : '/tmp';
}
