import { access } from 'node:fs/promises';
import type { Command, Connection } from './command-transport';
import { Process } from './process';
import { assertLineLength, loginLine } from './quote';
import type { Session } from './session';
import { Slots } from './slots';
import { sessionArgv, startClient } from './ssh-client';
import { loginError, noLabError, type SshTarget } from './ssh-errors';
import type { FirstCommand } from './ssh-first';
import { CalledOff, loginLimitMs, SshMaster } from './ssh-master';
import { TransportError } from './transport';
import { newId, SessionFailure, startedGroup, wrappedSession } from './wrapped-session';
import { wrappedArgv } from './wrapper';

// sshd allows MaxSessions=10 per connection unless told otherwise: one is the supervisor's, one is left to spare.
const maxSessions = 8;

/** Runs commands on a host through one shared connection of the OpenSSH client, made at the first command. */
export class SshConnection implements Connection {
  readonly #target: SshTarget;
  readonly #loginLimitMs: number;
  readonly #slots = new Slots(maxSessions);
  readonly #closing = new AbortController();
  #master: Promise<SshMaster> | undefined;
  /** Commands that start or run and will end by themselves, unlike those held. */
  #runs = 0;

  constructor(target: SshTarget, limitMs = loginLimitMs) {
    this.#target = target;
    this.#loginLimitMs = limitMs;
  }

  async open(command: Command): Promise<Session> {
    // Before the queue, so that all who wait learn at once that the host can't be reached.
    await this.#connected(command);
    await this.#slots.acquire(command.signal);
    try {
      return await this.#openSession(command);
    } catch (error) {
      this.#slots.release();
      throw error instanceof SessionFailure ? this.#failedToRun(command.argv, error) : error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const master = await this.#master?.catch(() => undefined);
    master?.close();
  }

  /** The connection. Where there is none it is made for this command. */
  async #connected(command: Command): Promise<SshMaster> {
    for (;;) {
      this.#master ??= this.#connect(command);
      try {
        return await abortable(this.#master, command.signal);
      } catch (error) {
        // The others who waited for it make another one.
        if (!(error instanceof CalledOff)) throw error;
        command.signal.throwIfAborted();
      }
    }
  }

  #connect(command: Command): Promise<SshMaster> {
    const forget = () => {
      if (this.#master === connecting) this.#master = undefined;
    };
    const connecting = connectMaster(this.#target, command, this.#closing.signal, this.#loginLimitMs).catch((error) => {
      forget();
      throw error;
    });
    connecting.then((master) => master.ended).then(forget, forget);
    return connecting;
  }

  async #openSession(command: Command): Promise<Session> {
    const { use, signal } = command;
    for (let mayReconnect = true; ; ) {
      const master = await this.#connected(command);
      const alone = this.#runs === 0;
      if (use === 'run') this.#runs += 1;
      const leave = () => {
        if (use === 'run') this.#runs -= 1;
      };
      try {
        const session = await this.#startSession(master, command);
        const end = () => {
          leave();
          this.#slots.release();
        };
        session.ended.then(end, end);
        return session;
      } catch (error) {
        leave();
        if (!(error instanceof SessionFailure)) throw error;
        if (refused(error)) {
          // The server allows fewer sessions than we thought: this slot is not given back, and another's must do.
          if (this.#runs > 0) await this.#slots.acquire(signal);
          else if (alone) throw error;
        } else {
          if (!mayReconnect || !(await master.endsSoon())) throw error;
          mayReconnect = false;
        }
      }
    }
  }

  /** Resolves when the command runs. */
  async #startSession(master: SshMaster, command: Command): Promise<Session> {
    const { id, client } = master.take(command) ?? (await startNext(master, this.#target, command));
    const group = await this.#startedGroup(id, client);
    master.tell('started', group);
    client.closed.then(() => master.tell('ended', group));
    return wrappedSession(id, client, {
      signal: (name) => master.tell(name, group),
      abandon: () => giveUp(client),
      lost: () => connectionLost(this.#target),
    });
  }

  /** The command's process group, once its login shell has started it. */
  async #startedGroup(id: string, client: FirstCommand | Process): Promise<string> {
    let late = false;
    const overdue = setTimeout(() => {
      late = true;
      giveUp(client);
    }, this.#loginLimitMs);
    try {
      return await startedGroup(id, client);
    } catch (error) {
      throw late ? loginError(this.#target, true, this.#loginLimitMs / 1000) : error;
    } finally {
      clearTimeout(overdue);
    }
  }

  #failedToRun(argv: readonly string[], failure: SessionFailure): TransportError {
    const { address } = this.#target;
    const { what, advice } = refused(failure)
      ? {
          what: 'the SSH server refuses another session',
          advice: 'Allow more in sshd_config(5) on the host: MaxSessions 10',
        }
      : { what: failure.message || 'the connection was lost', advice: undefined };
    return new TransportError(address, `Cannot run ${JSON.stringify(argv[0])} on ${address}: ${what}`, advice);
  }
}

function refused({ message }: SessionFailure): boolean {
  return /Session open refused by peer/.test(message);
}

async function connectMaster(
  target: SshTarget,
  command: Command,
  closing: AbortSignal,
  limitMs: number,
): Promise<SshMaster> {
  if (target.lab) {
    await access(target.lab.configFile).catch(() => {
      throw noLabError(target);
    });
  }
  return SshMaster.connect(target, command, closing, limitMs);
}

/** Starts a command in a session of its own. */
async function startNext(
  { supervisor, controlPath }: SshMaster,
  target: SshTarget,
  { argv, input }: Command,
): Promise<{ id: string; client: Process }> {
  const id = newId();
  // At the socket of a connection that is kept there may be another one by now. The host tells.
  const guard = `[ -e /proc/${supervisor.pid} ] || exit\n`;
  const line = loginLine([...supervisor.asRoot, ...wrappedArgv(id, argv, guard)]);
  assertLineLength(argv[0] ?? '', line);
  const client = await startClient(target, sessionArgv(controlPath, target.host, line));
  if (input) client.stdin.end(input);
  return { id, client };
}

/** Waits no longer for the command. */
function giveUp(client: FirstCommand | Process): void {
  if (client instanceof Process) client.kill('SIGKILL');
  client.abandon();
}

function connectionLost({ address }: SshTarget): TransportError {
  return new TransportError(
    address,
    `Cannot reach "${address}": the connection was lost while a command ran`,
    'Check that the host is up, then try again',
  );
}

/** Like the promise, but rejects with the signal's reason as soon as it aborts. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
