import { quote } from './quote';

/** How long the supervisor does without a heartbeat, at least. */
export const patienceSec = 60;

/** The first line of the supervisor: the connection stands and the login shell works. */
export const readyLine = 'bulkhead: ready';

/*
 * Runs on the host as the master connection's own command and owns the process groups of all others, because without a
 * terminal nothing ends a remote command whose client is gone. It reads a line per event. When its input ends (we
 * closed, crashed, or sshd noticed that the network is gone) it ends all that still runs, then the connection itself.
 * sshd may notice hours late, so it also gives up when no heartbeat has come for a while.
 */
const supervisor = `
exec 2>/dev/null
trap lost=yes TERM
{ trap seen=yes USR1; while seen=; sleep $1; [ "$seen" ]; do :; done; kill -s TERM $$; } </dev/null >/dev/null &
watchdog=$!
echo '${readyLine}'
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
read -r self name state parent own rest </proc/$$/stat
[ "$groups$lost" ] && [ $parent = $PPID ] && kill -s TERM $PPID
[ $own = $$ ] && kill -s KILL 0
kill -s TERM $watchdog
`;

/** The command of the master connection. */
export function supervisorLine(patienceSec: number): string {
  return `exec ${quote(['sh', '-c', supervisor.trim(), 'bulkhead-supervisor', String(patienceSec)])}`;
}

/*
 * Reports its process group before the command, on both outputs: what comes earlier is the login shell's chatter. And
 * the exit status after it, on standard error: the ssh client's own can't tell 255 from a lost connection, nor a signal
 * from a failure. exec in a subshell, so that a program is run and not the shell's builtin of that name; standard error
 * set aside, so that the shell's remarks ("Killed") do not mix with the command's.
 */
const wrapper = `
exec 3>&2 2>/dev/null
echo "$0 $$"
echo "$0 $$" >&3
(exec "$@" 2>&3 3>&-)
echo "$0 $?" >&3
`;

/** The line that runs a command under the wrapper, with `id` in front of its reports. */
export function wrappedLine(id: string, argv: readonly string[]): string {
  return `exec ${quote(['sh', '-c', wrapper.trim(), id, ...argv])}`;
}

/** The wrapper's first report, or `undefined` as long as it has not come: the process group, and the output after it. */
export function parseStart(id: string, output: Buffer): { group: string; rest: Buffer } | undefined {
  const start = output.indexOf(`${id} `);
  const end = output.indexOf('\n', start);
  if (start === -1 || end === -1) return undefined;
  return { group: output.toString('latin1', start + id.length + 1, end), rest: output.subarray(end + 1) };
}

/** The wrapper's last report, or `undefined` when it never came: the exit status, and standard error without reports. */
export function parseEnd(id: string, output: Buffer): { exitCode: number; stderr: string } | undefined {
  const text = parseStart(id, output)?.rest.toString();
  const match = text === undefined ? undefined : [...text.matchAll(new RegExp(`${id} (\\d+)\n`, 'g'))].at(-1);
  if (text === undefined || !match) return undefined;
  const after = text.slice(match.index + match[0].length);
  return { exitCode: Number(match[1]), stderr: text.slice(0, match.index) + after };
}
