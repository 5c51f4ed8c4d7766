import type { RunResult } from '../transport';

export interface ApplyErrorDetails {
  /** The host as the user wrote it. */
  readonly host: string;
  /** Construct path of the service; none when it concerns the whole host. */
  readonly service?: string;
  /** What was being done, as it completes "Cannot ...". */
  readonly action: string;
  /** What is wrong, and what was expected instead. */
  readonly problem: string;
  /** What to do about it. */
  readonly advice?: string | undefined;
  /** Nothing of the service was touched yet. */
  readonly untouched?: boolean;
  /** Nothing is wrong with the service itself: another one that comes first has failed. */
  readonly notDone?: boolean;
  /** What has become of the service since, in a sentence without a period. */
  readonly outcome?: string;
  /** The service is what it was before the apply. */
  readonly wentBack?: boolean;
  /** The part concerned: `['files', '/etc/x']`. */
  readonly at?: readonly string[];
  readonly command?: readonly string[];
  readonly exitCode?: number;
  readonly stderr?: string;
  /** The unit's last log lines. */
  readonly log?: string;
}

/** Why a host could not be brought to match. All errors of the engine are worded here. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  /** One line: what failed and why. */
  readonly shortMessage: string;
  constructor(readonly details: ApplyErrorDetails) {
    const { service, host, action, problem } = details;
    const shortMessage = `Cannot ${action} on ${host}: ${problem}${service ? ` (at ${service})` : ''}`;
    super([shortMessage, ...detailLines(details)].join('\n'));
    this.shortMessage = shortMessage;
  }
  /** The same error, and what has become of the service since. */
  with(outcome: Pick<ApplyErrorDetails, 'outcome' | 'wentBack'>): ApplyError {
    return new ApplyError({ ...this.details, ...outcome });
  }
  /** Everything but the first line. */
  get detail(): string {
    return detailLines(this.details).join('\n');
  }
}

/**
 * An apply that had begun to change a host did not come to its end, by whatever was thrown: some of it may be there. The
 * cause says why.
 */
export class CutOffError extends Error {
  override readonly name = 'CutOffError';
  constructor(override readonly cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

function detailLines({ outcome, command, exitCode, stderr, log, advice }: ApplyErrorDetails): string[] {
  const lines: string[] = outcome === undefined ? [] : [`  ${outcome}`];
  if (command) lines.push(`  command: ${command.join(' ')}${exitCode === undefined ? '' : ` (exit code ${exitCode})`}`);
  if (stderr?.trim()) lines.push(...block('stderr', stderr));
  if (log?.trim()) lines.push(...block('log', log));
  if (advice) lines.push(`  do: ${advice}`);
  return lines;
}

const block = (title: string, text: string) => [
  `  ${title}:`,
  ...text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`),
];

/** The error of a command that ran and failed. */
export function commandError(
  details: Omit<ApplyErrorDetails, 'problem' | 'exitCode' | 'stderr'>,
  result: RunResult,
): ApplyError {
  const problem = `${details.command?.[0] ?? 'the command'} failed with exit code ${result.exitCode}`;
  return new ApplyError({ ...details, problem, exitCode: result.exitCode, stderr: result.stderr });
}
