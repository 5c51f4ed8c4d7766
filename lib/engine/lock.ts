import { type Held, HoldError, type Transport, TransportError } from '../transport';

/** How long to wait for another apply on the same host. */
const TIMEOUT_MIN = 10;

/**
 * Keeps every other apply away from a host until the lock is released, or this process is gone.
 * @throws TransportError when the host is lost, or another apply is under way for longer than ten minutes
 */
export async function lock(transport: Transport, signal?: AbortSignal): Promise<Held> {
  const held = await hold(transport, ['-w', String(TIMEOUT_MIN * 60)], signal);
  if (held) return held;
  const { address } = transport;
  const problem = `another apply has been under way there for ${TIMEOUT_MIN} minutes`;
  throw new TransportError(address, `Cannot lock ${address}: ${problem}`, 'apply again once it has ended');
}

/** The same, but undefined at once when another apply is under way. @throws TransportError when the host is lost */
export function tryLock(transport: Transport, signal?: AbortSignal): Promise<Held | undefined> {
  return hold(transport, ['-n'], signal);
}

const HELD = ['sh', '-c', 'echo held; exec cat >/dev/null'];

async function hold(transport: Transport, how: readonly string[], signal?: AbortSignal): Promise<Held | undefined> {
  try {
    return await transport.hold(['flock', ...how, '/run/systemd/system', ...HELD], signal ? { signal } : {});
  } catch (error) {
    // What flock ends with when it does not get the lock.
    if (error instanceof HoldError && error.exitCode === 1) return undefined;
    throw error;
  }
}
