import { ApplyError, CutOffError } from '../engine';
import { TransportError } from '../transport';

/** Something the user can set right: the message says what is wrong, the advice what to do about it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    message: string,
    readonly more: { readonly detail?: string; readonly advice?: string } = {},
  ) {
    super(message);
  }
}

/** The user pressed Ctrl-C, or the process was told to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(
    readonly exitCode: number,
    consequence = '',
  ) {
    super(consequence ? `Interrupted: ${consequence}` : 'Interrupted');
  }
}

/** An error as `--json` prints it. */
export interface ErrorDocument {
  /** One line: what could not be done, and why. */
  readonly message: string;
  /** What else is known: the command that failed, its output, the last log lines. */
  readonly detail?: string;
  /** What to do about it. */
  readonly advice?: string;
  /** Nothing was done, since a service that comes first has failed. */
  readonly notDone?: true;
  /** The service has its previous version again. */
  readonly wentBack?: true;
}

/** Puts any thrown thing into words. */
export function errorDocument(error: unknown): ErrorDocument {
  if (error instanceof CutOffError) return errorDocument(error.cause);
  if (error instanceof ApplyError) {
    const { advice, notDone, wentBack } = error.details;
    // The engine's detail ends with the advice, which stands by itself here.
    const detail = error.detail.replace(/(^|\n) {2}do: .*$/s, '');
    return {
      message: error.shortMessage,
      ...(detail && { detail }),
      ...(advice && { advice }),
      ...(notDone && { notDone }),
      ...(wentBack && { wentBack }),
    };
  }
  if (error instanceof CommandError) return { message: error.message, ...error.more };
  if (error instanceof TransportError)
    return { ...split(error.message), ...(error.advice && { advice: error.advice }) };
  if (!(error instanceof Error)) return { message: String(error) };
  if (isBug(error)) return { message: `Internal error: ${error.message}`, ...(error.stack && { detail: error.stack }) };
  return split(error.message);
}

function isBug(error: Error): boolean {
  return [TypeError, ReferenceError, RangeError, SyntaxError].some((type) => error instanceof type);
}

function split(text: string): ErrorDocument {
  const [message = '', ...detail] = text.split('\n');
  return { message, ...(detail.length > 0 && { detail: detail.join('\n') }) };
}

/** The lines of an error for a terminal, the way out last. */
export function errorLines({ message, detail, advice }: ErrorDocument): string[] {
  return [message, ...(detail?.trimEnd().split('\n') ?? []), ...(advice ? [`  do: ${advice}`] : [])];
}

/** An error of one host. It names the construct of the host, if a construct describes the host. */
export function hostError(error: unknown, path: string | undefined): ErrorDocument {
  const document = errorDocument(error);
  return path === undefined ? document : { ...document, message: `${document.message} (at ${path})` };
}
