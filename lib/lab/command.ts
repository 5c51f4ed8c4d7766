import { execFile } from 'node:child_process';

export interface CommandOptions {
  readonly signal?: AbortSignal | undefined;
  /** What ends the command when `signal` aborts. */
  readonly killSignal?: NodeJS.Signals;
}

/** A command that could not be started, or failed. Its message ends with the last lines of stderr. */
export class CommandError extends Error {
  constructor(
    argv: readonly string[],
    readonly stderr: string,
    reason: string,
  ) {
    super(`Cannot run "${argv.join(' ')}": ${lastLines(stderr, 10) || reason}`);
  }
}

/**
 * Runs a command on this machine and resolves with what it printed.
 * @throws CommandError when it can't be started or fails, and the signal's reason on abort.
 */
export function command(argv: readonly [string, ...string[]], options: CommandOptions = {}): Promise<string> {
  const [file, ...args] = argv;
  // A shell that became root need not have the directories of the administrator's commands in its PATH.
  const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` };
  return new Promise((resolve, reject) => {
    execFile(file, args, { maxBuffer: 64 << 20, env, ...options }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (options.signal?.aborted) reject(options.signal.reason);
      else reject(new CommandError(argv, stderr, error.message));
    });
  });
}

/** Like `command`, for those whose failure is an answer. */
export async function succeeds(argv: readonly [string, ...string[]]): Promise<boolean> {
  return command(argv).then(
    () => true,
    () => false,
  );
}

export function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n');
}
