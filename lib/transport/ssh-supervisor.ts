import { loginLine } from './quote';
import { sudoArgv } from './sudo';

/** How long the supervisor does without a heartbeat, at least. */
export const patienceSec = 60;

/*
 * Becomes the supervisor, as root: by sudo when the login is not root's. Says first who that is, for messages. The
 * supervisor gets its patience, sshd's process of this connection (0 when others use the connection, too), how it became
 * root, and the first command.
 */
const LAUNCHER = `
name=$0 script=$1 patience=$2 server=$3
shift 3
[ "$server" = own ] && server=$PPID
[ "$(id -u)" = 0 ] && exec sh -c "$script" "$name" "$patience" "$server" root "$@"
echo "bulkhead: user $(id -un)"
exec ${sudoArgv.join(' ')} sh -c "$script" "$name" "$patience" "$server" sudo "$@"
`;

/*
 * Runs on the host as the connection's own command and owns the process groups of all others, because without a terminal
 * nothing ends a remote command whose client is gone. It reads a line per event. When its input ends (we closed, crashed,
 * or sshd noticed that the network is gone) it ends all that still runs, then the connection itself, unless the
 * connection has been taken from it, or belongs to others, too. sshd may notice hours late, so it also gives up when no
 * heartbeat has come for a while.
 *
 * The first command shares its input and outputs: `input` is followed by so many bytes for the command, `eof` ends
 * them. On each output a line tells that nothing holds it any more. As long as nobody has told which process group the
 * first command leads, it is found by the wrapper's id, of which only the wrapper has both halves on its command line.
 */
const SUPERVISOR = `
exec 3>&2 2>/dev/null
patience=$1 server=$2 how=$3
shift 3
supervise() {
  read -r self name state parent own rest </proc/self/stat
  trap lost=yes TERM
  trap '' PIPE
  { trap seen=yes USR1; while seen=; sleep "$patience"; [ "$seen" ]; do :; done; kill -s TERM "$self"; } </dev/null >/dev/null &
  watchdog=$!
  lost= groups= known=$1
  while read -r event group; do
    case $event in
      beat) kill -s USR1 $watchdog ;;
      input) head -c "$group" | { cat || cat >/dev/null; } ;;
      eof) exec >/dev/null ;;
      started) known=yes groups="$groups $group" ;;
      ended) left=; for each in $groups; do [ $each = $group ] || left="$left $each"; done; groups=$left ;;
      *) kill -s $event -- -$group ;;
    esac
  done
  [ "$known" ] || for each in $(grep -ls "bulkhead-$first" /proc/[0-9]*/cmdline); do
    read -r pid name state parent leader rest <"\${each%cmdline}stat" && [ $leader != $own ] && groups="$groups $leader"
  done
  running() { for group in $groups; do kill -s 0 -- -$group && return; done; return 1; }
  for group in $groups; do kill -s TERM -- -$group; done
  tries=0
  while running && [ $tries -lt 50 ]; do sleep 0.1 || sleep 1; tries=$((tries + 1)); done
  for group in $groups; do kill -s KILL -- -$group; done
  read -r pid name state parent leader rest </proc/$$/stat
  while [ "$groups$lost" ] && [ $parent -gt 1 ]; do
    [ $parent = $server ] && kill -s TERM $server && break
    read -r pid name state parent rest </proc/$parent/stat || break
  done
  [ $leader = $$ ] && kill -s KILL 0
  kill -s TERM $watchdog
}
echo "bulkhead: process $$"
echo "bulkhead: ready $how"
[ $# = 0 ] && { exec 3>&-; supervise known; exit; }
first=$1
shift
exec 4<&0
trap 'trap "" TERM; kill -s TERM 0' TERM
supervise <&4 3>&- 4<&- | {
  exec 4<&-
  {
    setsid "$@" 2>&1 >&5 3>&- 5>&- | { cat >&3; echo "bulkhead-$first closed" >&3; } 5>&-
  } 5>&1 | { cat; echo "bulkhead-$first closed"; } 3>&-
} &
exec 3>&-
wait
wait
`;

/** The first command of a connection, which needs no session of its own. */
export interface First {
  readonly id: string;
  /** Its words, under the wrapper. */
  readonly argv: readonly string[];
}

export interface SupervisorOptions {
  readonly patienceSec?: number;
  /** Whether the connection outlives its supervisor, because others use it, too. */
  readonly kept?: boolean;
  readonly first?: First | undefined;
}

/** The command of a connection. */
export function supervisorLine({ patienceSec: patience = patienceSec, kept, first }: SupervisorOptions = {}): string {
  const scripts = [LAUNCHER.trim(), 'bulkhead-supervisor', SUPERVISOR.trim()];
  const command = first ? [first.id.replace(/^bulkhead-/, ''), ...first.argv] : [];
  return loginLine(['sh', '-c', ...scripts, String(patience), kept ? '0' : 'own', ...command]);
}

/** What a supervisor says about itself. */
export interface Supervisor {
  readonly pid: number;
  /** The words to put before a command for it to become root in the same way. */
  readonly asRoot: readonly string[];
}

/** The supervisor's report, or `undefined` as long as it does not run. */
export function parseReady(output: string): Supervisor | undefined {
  const [, pid, how] = /bulkhead: process (\d+)\nbulkhead: ready (root|sudo)\n/.exec(output) ?? [];
  return how === undefined ? undefined : { pid: Number(pid), asRoot: how === 'sudo' ? sudoArgv : [] };
}

/** Who logged in, where that is not root. */
export function parseUser(output: string): string | undefined {
  return /bulkhead: user (.+)\n/.exec(output)?.[1];
}
