import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Process } from './process';
import { graceMs } from './session';
import { clientError, connectError, type SshTarget } from './ssh-errors';
import { patienceSec, readyLine, supervisorLine } from './ssh-supervisor';

// The client takes the first value that it sees of an option: these go before the user's, the defaults after them.
const fixedOptions = [
  'BatchMode=yes',
  'ControlMaster=yes',
  'ControlPersist=no',
  'RemoteCommand=none',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'LogLevel=ERROR',
];
const defaultOptions = ['ConnectTimeout=10', 'ServerAliveInterval=5', 'ServerAliveCountMax=3'];

/**
 * One SSH connection, which commands share (ControlMaster in ssh_config(5)). It is a child process that ends with us,
 * however we end: its command on the host reads from our pipe.
 */
export class SshMaster {
  /** Resolves when the connection is gone, for whatever reason. */
  readonly ended: Promise<void>;
  /** The socket through which ssh clients reach it. */
  readonly controlPath: string;
  readonly #process: Process;
  #alive = true;

  private constructor(controlPath: string, process: Process) {
    this.controlPath = controlPath;
    this.#process = process;
    const heartbeat = setInterval(() => this.tell('beat'), (patienceSec * 1000) / 4);
    this.ended = process.closed.then(() => {
      this.#alive = false;
      clearInterval(heartbeat);
    });
  }

  /** @throws TransportError when the connection can't be made. */
  static async connect(target: SshTarget, signal: AbortSignal): Promise<SshMaster> {
    const directory = await mkdtemp(join(socketParent(), 'bulkhead-ssh-'));
    const controlPath = join(directory, 'ssh');
    const process = await startClient(target, [...cleaning(directory), ...masterArgv(target, controlPath)]);
    const stop = () => process.kill('SIGTERM');
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const ready = new Promise<true>((resolve) => {
      process.onStdout(() => {
        if (Buffer.concat(process.stdout).includes(`${readyLine}\n`)) resolve(true);
      });
    });
    const connected = await Promise.race([ready, process.closed.then(() => false)]);
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
    if (!connected) throw connectError(target, Buffer.concat([...process.stdout, ...process.stderr]).toString());
    return new SshMaster(controlPath, process);
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

/** Starts the ssh client. */
export function startClient(target: SshTarget, argv: readonly string[]): Promise<Process> {
  return Process.start(argv).catch((error) => {
    throw clientError(target, error);
  });
}

/** The argv of a client that runs one command through the connection, and never makes a connection of its own. */
export function sessionArgv(controlPath: string, host: string, line: string): string[] {
  const options = [`ControlPath=${controlPath}`, 'ControlMaster=no', 'BatchMode=yes', 'ProxyCommand=false'];
  return ['ssh', '-F', 'none', '-T', ...options.flatMap((option) => ['-o', option]), '--', host, line];
}

/** Runs the words after it and then removes the directory: a shell does that also when we have been killed. */
function cleaning(directory: string): string[] {
  return ['sh', '-c', 'trap : HUP INT TERM; "$@"; code=$?; rm -r "$0"; exit $code', directory];
}

function masterArgv(target: SshTarget, controlPath: string): string[] {
  const options = [`ControlPath=${controlPath}`, ...fixedOptions, ...target.options, ...defaultOptions];
  return [
    'ssh',
    '-T',
    ...(target.configFile ? ['-F', target.configFile] : []),
    ...options.flatMap((option) => ['-o', option]),
    ...(target.user ? ['-l', target.user] : []),
    ...(target.port ? ['-p', String(target.port)] : []),
    '--',
    target.host,
    supervisorLine(patienceSec),
  ];
}

// A socket's path has 107 bytes at most (unix(7)), of which ssh needs 17 while it makes it; and ssh expands % and ~.
function socketParent(): string {
  return /^[\w/.-]{1,60}$/.test(tmpdir()) ? tmpdir() : '/tmp';
}
