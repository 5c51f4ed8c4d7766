import { type Start, tooLarge } from './local';
import { errorCode, Process } from './process';
import type { Session } from './session';
import { TransportError } from './transport';
import { newId, SessionFailure, startedGroup, wrappedSession } from './wrapped-session';
import { wrappedArgv } from './wrapper';

/** A way from this machine to where commands shall run: another user's, or another system's. */
export interface Entrance {
  readonly address: string;
  /** The words before a command. They make it lead a session of its own, and don't change what goes in and out. */
  readonly argv: readonly string[];
  /** Why they did not start the command, from what they wrote. */
  readonly refusal: (output: string) => TransportError;
}

/** Starts commands behind an entrance. What runs there can only be signalled from there. */
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
      // What can't be signalled is given up by `abandon`.
      killing.catch(() => {});
    },
    abandon: () => client.abandon(),
    lost: () =>
      new TransportError(address, `Cannot run ${JSON.stringify(program)} on ${address}: it was ended from there`),
  });
}
