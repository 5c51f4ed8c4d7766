import { type Start, tooLarge } from './local';
import { errorCode, Process } from './process';
import type { Session } from './session';
import { TransportError } from './transport';
import { newId, SessionFailure, startedGroup, wrappedSession } from './wrapped-session';
import { wrappedArgv } from './wrapper';

/** A way to run commands as another user, or in another system, from this machine. */
export interface Entrance {
  readonly address: string;
  /** Arguments before a command. They start it in its own session, and do not change its input and output. */
  readonly argv: readonly string[];
  /** Why the command was not started, from their output. */
  readonly refusal: (output: string) => TransportError;
}

/** Starts commands through an entrance. They can be signalled only from their side. */
export function startThrough(entrance: Entrance): Start {
  return async (argv) => {
    const id = newId();
    const client = await startClient(entrance, argv, wrappedArgv(id, argv));
    const group = await startedGroup(id, client).catch((error) => {
      throw error instanceof SessionFailure ? entrance.refusal(error.output) : error;
    });
    return sessionOf(entrance, argv, id, client, group);
  };
}

async function startClient(entrance: Entrance, argv: readonly string[], wrapped: readonly string[]): Promise<Process> {
  try {
    return await Process.start([...entrance.argv, ...wrapped]);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'E2BIG') throw tooLarge(argv);
    throw entrance.refusal(code === 'ENOENT' ? `${entrance.argv[0]}: not found` : String(error));
  }
}

function sessionOf(
  { address, argv: words }: Entrance,
  [program]: readonly string[],
  id: string,
  client: Process,
  group: string,
): Session {
  return wrappedSession(id, client, {
    signal: (name) => {
      const killing = Process.start([...words, 'sh', '-c', 'kill -s "$0" -- "-$1"', name, group]);
      // `abandon` gives up on processes that can't be signalled.
      killing.catch(() => {});
    },
    abandon: () => client.abandon(),
    lost: () =>
      new TransportError(address, `Cannot run ${JSON.stringify(program)} on ${address}: it was ended from there`),
  });
}
