/** An entry of the journal, with the fields that {@link lastAttempt} reads. */
export interface LogEntry {
  readonly message: string;
  /** Identifier of systemd's message, see systemd-journal's catalog. */
  readonly messageId?: string;
  /** The unit's run that a message of systemd is about. */
  readonly run?: string;
  /** Whether systemd wrote it, rather than the program. */
  readonly ofManager: boolean;
  /** Whether it is from the executor that could not run the program. */
  readonly ofExecutor: boolean;
  /** How the main process ended: `exited`, `killed` or `dumped`, with its exit code or the number of the signal. */
  readonly exitCode?: string;
  readonly exitStatus?: string;
}

/** One run of a unit, from start to end. */
export interface Attempt {
  /** Lines of the unit and of systemd about it, in order. */
  readonly lines: readonly string[];
  /** Lines of the unit itself, or of the executor that should run it. */
  readonly own: readonly string[];
  /** How the main process ended, with its exit code or the name of the signal. */
  readonly end: { readonly code: string; readonly status: string } | undefined;
  /** Why systemd could not run the program. */
  readonly notExecuted: string | undefined;
}

/** Message identifiers of systemd, from `sd-messages.h`. */
const PROCESS_EXITED = '98e322203f7a4ed290d09fe03c09fe15';
const UNIT_FAILED = 'd9b373ed55a64feb8242e02dbe79a49c';
const NOT_EXECUTED = '641257651c1b4ec9a8624d7a40a9e1e7';
const SAYS_NOTHING = [
  '7d4958e842da4a758f6c1cdc7b36dcc5', // starting
  '39f53479d3a045ac8e11786248231fbf', // started
  '5eb03494b6584870a536b337290809b3', // a restart is scheduled
  'ae8f7b866b0347b9af31fe1c80b127c0', // resources that it used
  'de5b426a63be47a7b6ac3eaac82e2f6f', // stopping
  '9d1aaa27d60140bd96365438aad20286', // stopped
];

/** Reads the output of `journalctl -o json`. Lines that are not entries are skipped. */
export function readLog(text: string): LogEntry[] {
  return text.split('\n').flatMap((line): LogEntry[] => {
    if (!line.startsWith('{')) return [];
    try {
      const entry: Record<string, unknown> = JSON.parse(line);
      const field = <K extends string>(name: K, ...keys: readonly string[]) => {
        const value = keys.map((key) => entry[key]).find((each) => typeof each === 'string');
        return (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: string };
      };
      const ofManager = 'UNIT' in entry || 'USER_UNIT' in entry;
      return [
        {
          message: textOf(entry.MESSAGE),
          ofManager,
          ofExecutor: ofManager && entry.PRIORITY === '3' && String(entry.SYSLOG_IDENTIFIER).startsWith('('),
          ...field('messageId', 'MESSAGE_ID'),
          ...field('run', 'INVOCATION_ID', 'USER_INVOCATION_ID'),
          ...field('exitCode', 'EXIT_CODE'),
          ...field('exitStatus', 'EXIT_STATUS'),
        },
      ];
    } catch {
      return [];
    }
  });
}

// Text that is not UTF-8, or that has control characters, is a list of bytes.
function textOf(message: unknown): string {
  return Array.isArray(message) ? Buffer.from(message).toString() : String(message ?? '');
}

/** The last run of a unit that failed. If none failed, the last run. */
export function lastAttempt(entries: readonly LogEntry[]): Attempt {
  const attempts: LogEntry[][] = [];
  let run: string | undefined;
  for (const entry of entries) {
    const isOther = entry.ofManager && entry.run !== undefined && entry.run !== run;
    // The log may begin in the middle of a run, before systemd says which one.
    if (attempts.length === 0 || (isOther && run !== undefined)) attempts.push([]);
    if (isOther) run = entry.run;
    attempts.at(-1)?.push(entry);
  }
  const failed = attempts.findLast((attempt) => attempt.some(isFailure));
  return asAttempt(failed ?? attempts.at(-1) ?? []);
}

// The executor reports the cause first, and the step last. In the journal, either may come after the end, or be
// missing.
function notExecuted(entries: readonly LogEntry[]): LogEntry | undefined {
  return entries.find(({ ofExecutor }) => ofExecutor) ?? entries.find(({ messageId }) => messageId === NOT_EXECUTED);
}

// systemd reports the number of a signal.
function endOf(code: string, status: string): { readonly code: string; readonly status: string } {
  return { code, status: code === 'exited' ? status : (SIGNALS[Number(status) - 1] ?? status) };
}

/** Names of Linux signals, by number, from 1 on. @see signal(7) */
const SIGNALS =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

const isFailure = ({ messageId }: LogEntry) => messageId === UNIT_FAILED || messageId === NOT_EXECUTED;

function asAttempt(entries: readonly LogEntry[]): Attempt {
  const exit = entries.findLast(({ messageId }) => messageId === PROCESS_EXITED);
  const own = entries.filter(({ ofManager }) => !ofManager);
  return {
    lines: entries.filter(({ messageId = '' }) => !SAYS_NOTHING.includes(messageId)).map(({ message }) => message),
    own: own.map(({ message }) => message),
    end: exit?.exitCode === undefined ? undefined : endOf(exit.exitCode, exit.exitStatus ?? ''),
    notExecuted: notExecuted(entries)?.message,
  };
}
