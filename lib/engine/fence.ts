import { setTimeout as delay } from 'node:timers/promises';
import { type Held, type RunOptions, type RunResult, type Transport, TransportError } from '../transport';
import { RUN_DIR } from './paths';

/** Time within which the process that holds the lock notices a lost connection, after a command has failed for it. */
const GRACE_MS = 1000;

/** Exit code of a command that was not run, because the lock is no longer held. */
const LOST = 93;

/*
 * Runs a command only if the lock is still held. Until the command has ended, the next apply waits, even if the lock is
 * lost meanwhile: see lock.ts. The command does not inherit the file descriptor for this, since it may leave processes.
 */
const FENCE_SCRIPT = `
read -r token holder 2>/dev/null < ${RUN_DIR}/token && [ "$token" = "$1" ] && kill -0 "$holder" 2>/dev/null ||
  { echo "lost $1" >&2; exit ${LOST}; }
shift
exec "$@"
`;

/** The lock of a host was lost during an apply. Another apply may be running. */
export class LockLostError extends TransportError {
  constructor(address: string) {
    const problem = 'the lock was lost, because the connection or this process was interrupted';
    super(address, `Cannot go on with ${address}: ${problem}; nothing has been changed there since`, 'apply again');
  }
}

/**
 * The same host, but each command runs only while the lock is held.
 * @param token identifies the lock on the host
 * @param held process that holds the lock
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
