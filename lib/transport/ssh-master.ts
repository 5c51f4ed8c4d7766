import { access } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from './command-transport';
import type { Process } from './process';
import { fitsLine } from './quote';
import { isOldClient, masterArgv, startClient } from './ssh-client';
import { connectError, loginError, type SshTarget } from './ssh-errors';
import { FirstCommand, firstInputBytes } from './ssh-first';
import { type ControlSocket, controlSocket } from './ssh-socket';
import { type First, parseReady, patienceSec, type Supervisor, supervisorLine } from './ssh-supervisor';
import { newId } from './wrapped-session';
import { wrappedArgv } from './wrapper';

/** How long it may take until the login shell runs a command. */
export const loginLimitMs = 60_000;

/** The command that the connection was being made for was called off, and the connection with it. */
export class CalledOff extends Error {}

class OldClient extends Error {}

/** Whether the client has refused the newer options. */
let clientIsOld = false;

/**
 * One SSH connection, which commands share (ControlMaster in ssh_config(5)). It is a child process that ends with us,
 * however we end: its command on the host reads from our pipe. The command that it is made for runs in its own session.
 */
export class SshMaster {
  /** Resolves when the connection is gone, for whatever reason. */
  readonly ended: Promise<void>;
  readonly supervisor: Supervisor;
  readonly #socket: ControlSocket;
  readonly #process: Process;
  #first: { readonly command: Command; readonly id: string; readonly client: FirstCommand } | undefined;
  readonly #heartbeat: NodeJS.Timeout;
  #alive = true;

  private constructor(socket: ControlSocket, supervisor: Supervisor, process: Process) {
    this.#socket = socket;
    this.supervisor = supervisor;
    this.#process = process;
    this.#heartbeat = setInterval(() => this.tell('beat'), (patienceSec * 1000) / 4);
    this.ended = process.closed.then(() => this.#end());
  }

  /**
   * Makes a connection for a command, which starts with it if it can.
   * @throws TransportError when the connection can't be made, CalledOff when the command's signal aborts before
   */
  static async connect(
    target: SshTarget,
    command: Command,
    closing: AbortSignal,
    limitMs = loginLimitMs,
  ): Promise<SshMaster> {
    try {
      return await SshMaster.#connect(target, command, closing, limitMs);
    } catch (error) {
      if (!(error instanceof OldClient)) throw error;
      clientIsOld = true;
      return SshMaster.#connect(target, command, closing, limitMs);
    }
  }

  static async #connect(
    target: SshTarget,
    command: Command,
    closing: AbortSignal,
    limitMs: number,
  ): Promise<SshMaster> {
    const socket = await controlSocket(target);
    const { line, first } = lineFor(command, isKept(socket));
    const argv = masterArgv(target, { controlPath: socket.path, kept: isKept(socket) }, line, clientIsOld);
    const process = await startClient(target, [...cleaning(socket), ...argv]);
    const client = first && new FirstCommand(process, first.id);
    if (command.input) client?.stdin.end(command.input);
    const supervisor = await untilReady(process, AbortSignal.any([closing, command.signal]), limitMs);
    if (supervisor && supervisor !== 'late') {
      const master = new SshMaster(socket, supervisor, process);
      if (first && client) master.#first = { command, id: first.id, client };
      return master;
    }
    const loggedIn = await access(socket.path).then(
      () => true,
      () => false,
    );
    process.kill('SIGTERM');
    closing.throwIfAborted();
    if (command.signal.aborted) throw new CalledOff();
    if (supervisor === 'late') throw loginError(target, loggedIn, limitMs / 1000);
    const output = Buffer.concat([...process.stdout, ...process.stderr]).toString();
    if (!clientIsOld && isOldClient(output)) throw new OldClient();
    throw connectError(target, output);
  }

  /** The socket through which ssh clients reach it. */
  get controlPath(): string {
    return this.#socket.path;
  }

  /** What runs as the first command, to whom it was made for, once. */
  take(command: Command): { readonly id: string; readonly client: FirstCommand } | undefined {
    const first = this.#first;
    if (first?.command !== command) return undefined;
    this.#first = undefined;
    return first;
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

  /** Ends a connection through which nothing runs. Nobody waits for the host: its supervisor ends, and then the client. */
  close(): void {
    this.#end();
    this.#process.leave();
  }

  #end(): void {
    this.#alive = false;
    clearInterval(this.#heartbeat);
  }
}

const isKept = ({ directory }: ControlSocket): boolean => directory === undefined;

/** The line that starts the supervisor, and the command with it, if that is short and its input, too. */
function lineFor({ argv, use, input }: Command, kept: boolean): { line: string; first?: First } {
  const id = newId();
  const first = { id, argv: wrappedArgv(id, argv) };
  const line = supervisorLine({ kept, first });
  const fits = fitsLine(line) && (use === 'hold' || (input !== undefined && input.length <= firstInputBytes));
  return fits ? { line, first } : { line: supervisorLine({ kept }) };
}

/** What the supervisor says about itself; nothing when the client ended or the signal aborted before. */
async function untilReady(
  process: Process,
  signal: AbortSignal,
  limitMs: number,
): Promise<Supervisor | 'late' | undefined> {
  let overdue: NodeJS.Timeout | undefined;
  const result = await new Promise<Supervisor | 'late' | undefined>((resolve) => {
    let over = false;
    const abort = () => resolve(undefined);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    process.closed.then(abort);
    overdue = setTimeout(() => resolve('late'), limitMs);
    process.onStdout(() => {
      if (over) return;
      const supervisor = parseReady(Buffer.concat(process.stdout).toString('latin1'));
      over = supervisor !== undefined;
      if (supervisor) resolve(supervisor);
    });
  });
  clearTimeout(overdue);
  return result;
}

/** Runs the words after it and then removes the socket's directory: a shell does that also when we have been killed. */
function cleaning({ directory }: ControlSocket): string[] {
  if (directory === undefined) return [];
  return ['sh', '-c', 'trap : HUP INT TERM; "$@"; code=$?; rm -r "$0"; exit $code', directory];
}
