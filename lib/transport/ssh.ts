import { access } from 'node:fs/promises';
import type { Connection, Use } from './command-transport';
import { assertLineLength } from './quote';
import type { Session } from './session';
import { Slots } from './slots';
import { sessionArgv, startClient } from './ssh-client';
import { labAdvice, type SshTarget } from './ssh-errors';
import { SshMaster } from './ssh-master';
import { TransportError } from './transport';
import { newId, SessionFailure, startedGroup, wrappedSession } from './wrapped-session';
import { wrappedLine } from './wrapper';

// sshd allows MaxSessions=10 per connection unless told otherwise: one is the supervisor's, one is left to spare.
const maxSessions = 8;

/** Runs commands on a host through one shared connection of the OpenSSH client, made at the first command. */
export class SshConnection implements Connection {
  readonly #target: SshTarget;
  readonly #slots = new Slots(maxSessions);
  readonly #closing = new AbortController();
  #master: Promise<SshMaster> | undefined;
  /** Commands that start or run and will end by themselves, unlike those held. */
  #runs = 0;

  constructor(target: SshTarget) {
    this.#target = target;
  }

  async open(argv: readonly string[], use: Use, signal: AbortSignal): Promise<Session> {
    // Before the queue, so that all who wait learn at once that the host can't be reached.
    await abortable(this.#connected(), signal);
    await this.#slots.acquire(signal);
    try {
      return await this.#openSession(argv, use, signal);
    } catch (error) {
      this.#slots.release();
      throw error instanceof SessionFailure ? this.#failedToRun(argv, error) : error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const master = await this.#master?.catch(() => undefined);
    await master?.close();
  }

  #connected(): Promise<SshMaster> {
    this.#master ??= this.#connect();
    return this.#master;
  }

  #connect(): Promise<SshMaster> {
    const forget = () => {
      if (this.#master === connecting) this.#master = undefined;
    };
    const connecting = connectMaster(this.#target, this.#closing.signal);
    connecting.then((master) => master.ended).then(forget, forget);
    return connecting;
  }

  async #openSession(argv: readonly string[], use: Use, signal: AbortSignal): Promise<Session> {
    for (let mayReconnect = true; ; ) {
      const master = await abortable(this.#connected(), signal);
      const alone = this.#runs === 0;
      if (use === 'run') this.#runs += 1;
      const leave = () => {
        if (use === 'run') this.#runs -= 1;
      };
      try {
        const session = await startSession(master, this.#target, argv);
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

async function connectMaster(target: SshTarget, signal: AbortSignal): Promise<SshMaster> {
  const { address, configFile } = target;
  if (configFile) {
    await access(configFile).catch(() => {
      throw new TransportError(address, `Cannot reach "${address}": the practice host is not running`, labAdvice);
    });
  }
  return SshMaster.connect(target, signal);
}

/** Resolves when the command runs. */
async function startSession(master: SshMaster, target: SshTarget, argv: readonly string[]): Promise<Session> {
  const id = newId();
  const line = wrappedLine(id, argv, master.asRoot);
  assertLineLength(argv[0] ?? '', line);
  const client = await startClient(target, sessionArgv(master.controlPath, target.host, line));
  const group = await startedGroup(id, client);
  master.tell('started', group);
  client.closed.then(() => master.tell('ended', group));
  return wrappedSession(id, client, {
    signal: (name) => master.tell(name, group),
    abandon: () => {
      client.kill('SIGKILL');
      client.abandon();
    },
    lost: () => connectionLost(target),
  });
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
