import { quote } from './quote';
import { sudoArgv } from './sudo';

/** How long the supervisor does without a heartbeat, at least. */
export const patienceSec = 60;

/*
 * Becomes the supervisor, as root: by sudo when the login is not root's. Says first who that is, for messages. The
 * supervisor gets its patience, sshd's process of this connection, and how it became root.
 */
const launcher = `
[ "$(id -u)" = 0 ] && exec sh -c "$2" "$0" "$1" $PPID root
echo "bulkhead: user $(id -un)"
exec ${sudoArgv.join(' ')} sh -c "$2" "$0" "$1" $PPID sudo
`;

/*
 * Runs on the host as the master connection's own command and owns the process groups of all others, because without a
 * terminal nothing ends a remote command whose client is gone. It reads a line per event. When its input ends (we
 * closed, crashed, or sshd noticed that the network is gone) it ends all that still runs, then the connection itself,
 * unless it has been taken from it. sshd may notice hours late, so it also gives up when no heartbeat has come for a
 * while.
 */
const supervisor = `
exec 2>/dev/null
trap lost=yes TERM
{ trap seen=yes USR1; while seen=; sleep $1; [ "$seen" ]; do :; done; kill -s TERM $$; } </dev/null >/dev/null &
watchdog=$!
echo "bulkhead: ready $3"
lost= groups=
while read -r event group; do
  case $event in
    beat) kill -s USR1 $watchdog ;;
    started) groups="$groups $group" ;;
    ended) left=; for each in $groups; do [ $each = $group ] || left="$left $each"; done; groups=$left ;;
    *) kill -s $event -- -$group ;;
  esac
done
running() { for group in $groups; do kill -s 0 -- -$group && return; done; return 1; }
for group in $groups; do kill -s TERM -- -$group; done
tries=0
while running && [ $tries -lt 50 ]; do sleep 0.1 || sleep 1; tries=$((tries + 1)); done
for group in $groups; do kill -s KILL -- -$group; done
read -r self name state parent leader rest </proc/$$/stat
while [ "$groups$lost" ] && [ $parent -gt 1 ]; do
  [ $parent = $2 ] && kill -s TERM $2 && break
  read -r self name state parent rest </proc/$parent/stat || break
done
[ $leader = $$ ] && kill -s KILL 0
kill -s TERM $watchdog
`;

/** The command of the master connection. */
export function supervisorLine(patienceSec: number): string {
  const words = [launcher, 'bulkhead-supervisor', String(patienceSec), supervisor];
  return `exec ${quote(['sh', '-c', ...words.map((word) => word.trim())])}`;
}

/**
 * How the supervisor became root, or `undefined` as long as it does not run: the words to put before a command for it
 * to do the same.
 */
export function parseReady(output: string): readonly string[] | undefined {
  const how = /bulkhead: ready (root|sudo)\n/.exec(output)?.[1];
  if (how === undefined) return undefined;
  return how === 'sudo' ? sudoArgv : [];
}

/** Who logged in, where that is not root. */
export function parseUser(output: string): string | undefined {
  return /bulkhead: user (.+)\n/.exec(output)?.[1];
}
