/**
 * A value that can't be written: unknown key, wrong kind, or a text that the file format has no way to express. The
 * message says what is wrong and what is expected; where the value came from is for the caller to add.
 */
export class DirectiveError extends Error {
  override readonly name = 'DirectiveError';
  constructor(
    readonly section: string,
    readonly key: string,
    readonly value: unknown,
    /** What is wrong, and what is expected, without saying where. */
    readonly problem: string,
    /** Manual page that says what is right. */
    page?: string,
  ) {
    const what = `Cannot write ${key}${value === undefined ? '' : ` ${show(value)}`} in [${section}]`;
    super(`${what}: ${problem}${page === undefined ? '' : `, see ${page}`}`);
  }
}

/** Something wrong with a value, and the manual page that says what is right. */
export interface DirectiveProblem {
  readonly section: string;
  readonly key: string;
  readonly message: string;
}

/** A value as it reads in a message: short, on one line. */
export function show(value: unknown): string {
  const text = asJson(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

// An object that can't be written as JSON, such as one that holds itself, may still have a text of its own.
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
