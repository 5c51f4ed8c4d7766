import type { Attempt } from './last-attempt';

/** A service that failed. */
export interface Failure {
  /** Runtime of the service, such as `systemd`. */
  readonly runtime: string;
  readonly attempt: Pick<Attempt, 'own' | 'end' | 'notExecuted'>;
  /** Result= of the unit. */
  readonly result: string;
}

interface Hint {
  /** Exit codes of systemd.exec(5), or signals, that alone show the cause. */
  readonly status?: readonly string[];
  readonly result?: string;
  /** Text in the output of the program. */
  readonly text?: RegExp;
  /** Runtimes that the hint applies to. @default - all */
  readonly runtimes?: readonly string[];
  readonly do: string;
}

const SANDBOXED = ['systemd', 'portable'];

/** The first matching hint is shown, so certain causes come before likely ones. */
const HINTS: readonly Hint[] = [
  {
    status: ['SYS'],
    do: 'it made a system call that its filter refuses: allow the call in directives.Service.SystemCallFilter, such as "@system-service" and "@mount"',
  },
  {
    text: /Exec format error/,
    do: 'the program is for another processor, or a script without "#!" in its first line',
  },
  {
    status: ['203'],
    text: /No such file or directory/,
    do: 'the program does not exist: set `command` to a path on the host, or in its `image` or `root`',
  },
  { status: ['203'], do: "the program can't be run: its file needs mode 0755, on a file system without noexec" },
  {
    status: ['226'],
    do: 'a path that the service mounts is missing: each source in `volumes` must exist on the host, and with `image` or `root` each target there',
  },
  { status: ['216', '217'], do: 'the host has no such user or group: name one in `user` that `getent passwd` shows' },
  { status: ['200'], do: '`workingDirectory` does not exist where the service runs, or its user may not enter it' },
  {
    result: 'oom-kill',
    do: 'it needed more memory than it may use: raise `memory`',
  },
  {
    result: 'resources',
    do: 'the log says what the host lacks. "Too many open files" means inotify instances: set fs.inotify.max_user_instances to a higher number, see sysctl.d(5)',
  },
  { text: /EADDRINUSE|[Aa]ddress already in use/, do: 'another program has the port: `ss -lntup` shows which one' },
  {
    runtimes: SANDBOXED,
    text: /(?:EAFNOSUPPORT|Address family not supported)/,
    do: 'it opened a socket of a family that its sandbox refuses: add the family to directives.Service.RestrictAddressFamilies, such as AF_NETLINK',
  },
  {
    runtimes: SANDBOXED,
    text: /\b(?:bind|listen)\b.*(?:EACCES|EPERM|[Pp]ermission denied|[Oo]peration not permitted)|(?:EACCES|EPERM|[Pp]ermission denied|[Oo]peration not permitted).*\b(?:bind|listen)\b/,
    do: 'it may listen only on the ports in `ports`: add the port',
  },
  {
    runtimes: SANDBOXED,
    text: /EROFS|[Rr]ead-only file system/,
    do: 'it may write only to a few directories: use `stateDirectory`, or name the directory in `volumes`',
  },
  {
    runtimes: SANDBOXED,
    status: ['TRAP', 'ILL'],
    do: 'a program that makes code at run time, such as Node.js or Java, needs `jit: true`',
  },
  {
    runtimes: SANDBOXED,
    text: /(?:executable memory|CodeRange|commit_memory|JIT|mprotect|PROT_EXEC)/,
    do: 'a program that makes code at run time, such as Node.js or Java, needs `jit: true`',
  },
  {
    text: /EACCES|[Pp]ermission denied/,
    do: 'its user may not do that: set `user` to the owner of the file, or use `stateDirectory` for what it writes',
  },
  {
    status: ['KILL'],
    do: 'it was killed from outside, most often because it needed more memory than it may use: see `memory`, and `journalctl -k`',
  },
];

/** Advice for a failure with a known cause. Pure. */
export function hintFor({ runtime, attempt, result }: Failure): string | undefined {
  const text = [...attempt.own, attempt.notExecuted ?? ''].join('\n');
  const found = HINTS.find(
    (hint) =>
      (hint.runtimes?.includes(runtime) ?? true) &&
      (hint.status === undefined || hint.status.includes(attempt.end?.status ?? '')) &&
      (hint.result === undefined || hint.result === result) &&
      (hint.text === undefined || hint.text.test(text)),
  );
  return found?.do;
}

const SAYS_WHY = [
  // From the probe. What the program says when it is stopped after that is not the cause.
  /^Not healthy/,
  /\b(?:fatal|panic|emerg)\b|\b[A-Za-z]*(?:Error|Exception)\b/i,
  /\b(?:cannot|can't|could not|unable|failed|denied|refused|not found|no such|invalid|missing|in use|not permitted)\b/i,
];

/** The line with the cause of a failure: the last line that looks like an error, or else the last line. Pure. */
export function lineThatMatters({ own, notExecuted }: Pick<Attempt, 'own' | 'notExecuted'>): string | undefined {
  if (notExecuted !== undefined) return notExecuted.replace(/^\S+: /, '');
  const lines = own.map((line) => line.trim()).filter(Boolean);
  return SAYS_WHY.map((pattern) => lines.findLast((line) => pattern.test(line))).find(Boolean) ?? lines.at(-1);
}
