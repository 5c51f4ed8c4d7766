import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { HoldError, type Transport, TransportError } from '../transport';
import { fenced } from './fence';
import { RUN_DIR } from './paths';

/** How long to wait for another apply on the same host. */
const TIMEOUT_MIN = 10;

/** How long one command waits for the lock, until it is told again who holds it. */
const TURN_SEC = 10;

/** A host from which every other apply is kept away. */
export interface Lock {
  /** Runs commands as long as the lock is ours. @throws LockLostError from then on */
  readonly transport: Transport;
  release(): Promise<void>;
}

export interface LockOptions {
  /** Told who holds the lock, again and again while it waits: `waiting for the apply of alice@laptop, since 12 s`. */
  readonly waiting?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Keeps every other apply away from a host until the lock is released, or this process or its connection is gone.
 * @throws TransportError when the host is lost, or another apply is under way for longer than ten minutes
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

/** The same, but undefined at once when another apply is under way. @throws TransportError when the host is lost */
export async function tryLock(transport: Transport, signal?: AbortSignal): Promise<Lock | undefined> {
  const taken = await take(transport, 0, signal);
  return typeof taken === 'string' ? undefined : taken;
}

/** What tells that the lock can't be had. Other ends of the command are errors. */
const BUSY = 75;

/*
 * Only root can open the files of the lock, so that nobody else can take it. The directory may have been made by systemd
 * for a unit at boot, and is then open to everybody. Commands of an
 * apply that has lost it may still be running: each holds `work` (fence.ts), so they have ended once that can be had.
 * They get five seconds, then they are ended, and what they have left in RUN_DIR is removed.
 * Only then a token says whose the lock is; it counts for as long as the process does that holds it.
 *
 * Arguments: the token, who asks, and for how many seconds to wait.
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

/** Takes the lock, or returns who holds it and since when. */
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

/** Who to ask about an apply that takes long. */
function whoami(): string {
  return printable(`${userName()}@${hostname()}`).replaceAll(' ', '_');
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // Somebody whom passwd(5) does not know, in a container for instance.
    return `uid-${process.getuid?.()}`;
  }
}
