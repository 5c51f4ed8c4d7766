import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import type { Connection, Use } from './command-transport';
import type { Process } from './process';
import { assertLineLength } from './quote';
import { escalation, type Session } from './session';
import { Slots } from './slots';
import { labAdvice, type SshTarget } from './ssh-errors';
import { SshMaster, sessionArgv, startClient } from './ssh-master';
import { parseEnd, parseStart, wrappedLine } from './ssh-supervisor';
import { TransportError } from './transport';

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
    const id = `bulkhead-${randomBytes(8).toString('hex')}`;
    const line = wrappedLine(id, argv);
    assertLineLength(argv[0] ?? '', line);
    // Before the queue, so that all who wait learn at once that the host can't be reached.
    await abortable(this.#connected(), signal);
    await this.#slots.acquire(signal);
    try {
      return await this.#openSession(id, line, use, signal);
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

  async #openSession(id: string, line: string, use: Use, signal: AbortSignal): Promise<Session> {
    for (let mayReconnect = true; ; ) {
      const master = await abortable(this.#connected(), signal);
      const alone = this.#runs === 0;
      if (use === 'run') this.#runs += 1;
      const leave = () => {
        if (use === 'run') this.#runs -= 1;
      };
      try {
        const session = await startSession(master, this.#target, id, line);
        const end = () => {
          leave();
          this.#slots.release();
        };
        session.ended.then(end, end);
        return session;
      } catch (error) {
        leave();
        if (!(error instanceof SessionFailure)) throw error;
        if (error.refused) {
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

  #failedToRun(argv: readonly string[], { refused, message }: SessionFailure): TransportError {
    const { address } = this.#target;
    const what = refused ? 'the SSH server refuses another session' : message || 'the connection was lost';
    const advice = refused ? 'Allow more in sshd_config(5) on the host: MaxSessions 10' : undefined;
    return new TransportError(address, `Cannot run ${JSON.stringify(argv[0])} on ${address}: ${what}`, advice);
  }
}

/** A command that has not been started. The message is what the ssh client said. */
class SessionFailure extends Error {
  readonly refused: boolean;
  constructor(output: string) {
    super(output.trim().replaceAll('\n', '; '));
    this.refused = /Session open refused by peer/.test(output);
  }
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

/** Resolves when the command runs, which is when its input can be sent: whatever fails before can be tried again. */
async function startSession(master: SshMaster, target: SshTarget, id: string, line: string): Promise<Session> {
  const client = await startClient(target, sessionArgv(master.controlPath, target.host, line));
  const group = await started(id, client);
  master.tell('started', group);
  const ended = client.closed.then(() => {
    master.tell('ended', group);
    const report = parseEnd(id, Buffer.concat(client.stderr));
    if (!report) throw connectionLost(target);
    return { ...report, stdout: commandOutput(id, client) };
  });
  ended.catch(() => {});
  const printedLine = new Promise<void>((resolve) => {
    if (commandOutput(id, client).includes('\n')) resolve();
    client.onStdout((chunk) => chunk.includes('\n') && resolve());
  });
  const stop = escalation(
    ended,
    (name) => master.tell(name, group),
    () => {
      client.kill('SIGKILL');
      client.abandon();
    },
  );
  return { stdin: client.stdin, printedLine, ended, stop };
}

/** The command's process group, once it has started. */
function started(id: string, client: Process): Promise<string> {
  return new Promise((resolve, reject) => {
    let group: string | undefined;
    client.onStdout(() => {
      if (group !== undefined) return;
      group = parseStart(id, Buffer.concat(client.stdout))?.group;
      if (group !== undefined) resolve(group);
    });
    client.closed.then(() => reject(new SessionFailure(Buffer.concat(client.stderr).toString())));
  });
}

function commandOutput(id: string, client: Process): Buffer {
  return parseStart(id, Buffer.concat(client.stdout))?.rest ?? Buffer.alloc(0);
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
