import { setTimeout as delay } from 'node:timers/promises';
import { type Held, type RunOptions, type RunResult, type Transport, TransportError } from '../transport';
import { RUN_DIR } from './paths';

/** How long a lost connection may take to show in what held the lock, once a command has failed of it. */
const GRACE_MS = 1000;

/** What a command ends with that was not run, because the lock is not ours any more. */
const LOST = 93;

/*
 * Runs a command only if the host says that the lock is ours, and keeps the next apply away until it has ended, whatever
 * becomes of the lock in the meantime: see lock.ts. The command does not inherit that, for it may leave processes.
 */
const FENCE_SCRIPT = `
read -r token holder 2>/dev/null < ${RUN_DIR}/token && [ "$token" = "$1" ] && kill -0 "$holder" 2>/dev/null ||
  { echo "lost $1" >&2; exit ${LOST}; }
shift
exec "$@"
`;

/** The lock of a host was lost in the middle of an apply: another one may be under way. */
export class LockLostError extends TransportError {
  constructor(address: string) {
    const problem = 'the lock was lost, because the connection or this process was interrupted';
    super(address, `Cannot go on with ${address}: ${problem}; nothing has been changed there since`, 'apply again');
  }
}

/**
 * The same host, but each command is run only while the lock is ours.
 * @param token What the host knows the lock by.
 * @param held What holds the lock.
 */
export function fenced(transport: Transport, token: string, held: Held): Transport {
  const { address } = transport;
  let lost = false;
  held.ended.then(() => {
    lost = true;
  });
  const run = async (argv: readonly string[], options?: RunOptions): Promise<RunResult> => {
    if (lost) throw new LockLostError(address);
    const fence = ['flock', '--close', '--shared', `${RUN_DIR}/work`, 'sh', '-c', FENCE_SCRIPT, 'sh', token];
    try {
      const result = await transport.run([...fence, ...argv], options);
      if (result.exitCode === LOST && result.stderr.includes(`lost ${token}`)) throw new LockLostError(address);
      return result;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      await Promise.race([held.ended, delay(GRACE_MS, undefined, { ref: false })]);
      throw lost ? new LockLostError(address) : error;
    }
  };
  return { address, run, hold: (argv, options) => transport.hold(argv, options), close: () => transport.close() };
}
