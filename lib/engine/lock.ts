import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { HoldError, type Transport, TransportError } from '../transport';
import { fenced } from './fence';
import { RUN_DIR } from './paths';

/** Minutes to wait for another apply on the same host. */
const TIMEOUT_MIN = 10;

/** Seconds that one command waits for the lock. After that it reports again who holds the lock. */
const TURN_SEC = 10;

/** A host that no other apply can change. */
export interface Lock {
  /** Runs commands as long as the lock is held. After that: @throws LockLostError */
  readonly transport: Transport;
  release(): Promise<void>;
}

export interface LockOptions {
  /**
   * Called repeatedly while it waits, with the holder of the lock: `waiting for the apply of alice@laptop, since 12 s`.
   */
  readonly waiting?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Locks a host against every other apply, until the lock is released, or this process or its connection ends.
 * @throws TransportError when the connection is lost, or another apply runs for longer than ten minutes
 */
export async function lock(transport: Transport, { waiting, signal }: LockOptions = {}): Promise<Lock> {
  const turns = (TIMEOUT_MIN * 60) / TURN_SEC;
  for (let turn = 0; ; turn++) {
    const taken = await take(transport, turn === 0 ? 0 : TURN_SEC, signal);
    if (typeof taken !== 'string') return taken;
    if (turn === turns) {
      const { address } = transport;
      const problem = `the apply of ${taken} has not ended in ${TIMEOUT_MIN} minutes`;
      throw new TransportError(address, `Cannot lock ${address}: ${problem}`, 'apply again once it has ended');
    }
    waiting?.(`waiting for the apply of ${taken}`);
  }
}

/**
 * Like {@link lock}, but returns undefined at once when another apply runs. @throws TransportError when the connection
 * is lost
 */
export async function tryLock(transport: Transport, signal?: AbortSignal): Promise<Lock | undefined> {
  const taken = await take(transport, 0, signal);
  return typeof taken === 'string' ? undefined : taken;
}

/** Exit code for a lock that is held. Every other failure of the command is an error. */
const BUSY = 75;

/*
 * Only root can open the files of the lock, so that no other user can take it. systemd may have created the directory
 * for a unit at boot, and it is then open to everybody. Commands of an apply that has lost the lock may still run. Each
 * of them holds `work` (fence.ts), so they have ended once `work` is free. After five seconds they are killed, and
 * their files in RUN_DIR are deleted. Then the token names the new holder of the lock. It is valid as long as the
 * holder's process runs.
 *
 * Arguments: the token, the caller, and the seconds to wait.
 */
const HOLD_SCRIPT = `
umask 077
mkdir -p ${RUN_DIR} && chmod 700 ${RUN_DIR} && cd ${RUN_DIR} && exec 8>>lock 9>>work || exit
busy() {
  who=somebody since=
  [ ! -f holder ] || read -r who since < holder
  echo "$who\${since:+, since $(($(date +%s) - since)) s}" >&2
  exit ${BUSY}
}
# Ends commands of an apply that has lost the lock, with all of their process groups. Argument: a signal.
end_commands() {
  inode=$(stat -c %i work)
  while read -r _ _ _ _ pid file _; do
    [ "\${file##*:}" = "$inode" ] && read -r _ _ _ _ group _ < "/proc/$pid/stat" && kill -s "$1" -- "-$group"
  done < /proc/locks 2>/dev/null
}
flock -w "$3" 8 || busy
for signal in TERM KILL; do ! flock -w 5 9 || break; end_commands $signal; done
flock -w 30 9 || busy
rm -rf sequence.*
echo "$1 $$" > token
echo "$2 $(date +%s)" > holder
exec 9>&-
echo held
exec cat >/dev/null
`;

/** Acquires the lock, or returns its holder and the time since then. */
async function take(transport: Transport, seconds: number, signal?: AbortSignal): Promise<Lock | string> {
  const token = randomBytes(8).toString('hex');
  const command = ['sh', '-c', HOLD_SCRIPT, 'sh', token, whoami(), String(seconds)];
  try {
    const held = await transport.hold(command, signal ? { signal } : {});
    return { transport: fenced(transport, token, held), release: () => held.release() };
  } catch (error) {
    if (error instanceof HoldError && error.exitCode === BUSY) return printable(error.stderr.trim());
    throw error;
  }
}

const printable = (text: string) => text.replace(/\p{C}/gu, '?');

/** The person to ask about an apply that takes long. */
function whoami(): string {
  return printable(`${userName()}@${hostname()}`).replaceAll(' ', '_');
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // passwd(5) may not have the user, for instance in a container.
    return `uid-${process.getuid?.()}`;
  }
}
