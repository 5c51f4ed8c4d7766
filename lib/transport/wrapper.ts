/*
 * Reports its process group before the command, on both outputs: what comes earlier is the login shell's chatter. And
 * the exit status after it, on standard error: the ssh client's own can't tell 255 from a lost connection, nor sudo's 1
 * from its own refusal, nor a signal from a failure. exec in a subshell, so that a program is run and not the shell's
 * builtin of that name; standard error set aside, so that the shell's remarks ("Killed") do not mix with the command's.
 */
const WRAPPER = `
exec 3>&2 2>/dev/null
echo "$0 $$"
echo "$0 $$" >&3
(exec "$@" 2>&3 3>&-)
echo "$0 $?" >&3
`;

/**
 * The words that run a command under the wrapper, with `id` in front of its reports. It must lead a process group.
 * @param guard lines of sh that come first, and may end it
 */
export function wrappedArgv(id: string, argv: readonly string[], guard = ''): string[] {
  return ['sh', '-c', guard + WRAPPER.trim(), id, ...argv];
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
