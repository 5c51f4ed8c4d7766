// The kernel's MAX_ARG_STRLEN less the final zero byte: the quoted line is one argument of the ssh client and of the
// login shell.
const maxLineBytes = 128 * 1024 - 1;

/**
 * A line that every POSIX shell takes apart into exactly these words.
 * @see sh(1p) (Quoting)
 */
export function quote(words: readonly string[]): string {
  // A backslash need not leave the quotes for POSIX, but must for fish.
  return words.map((word) => `'${word.replaceAll(/['\\]/g, "'\\$&'")}'`).join(' ');
}

/**
 * A line that any login shell (a POSIX one, csh, fish) turns into these words, the first of which it becomes. csh takes
 * no line end within quotes and replaces `!` everywhere, so that the words go to an `sh` without either.
 */
export function loginLine(words: readonly string[]): string {
  const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '!': '\\0041' };
  const escaped = `exec ${quote(words)}`.replaceAll(/[\\\n!]/g, (character) => escapes[character] ?? character);
  return `exec ${quote(['sh', '-c', 'eval "$(printf %b "$0")"', escaped])}`;
}

/** A word as a person would type it: in quotes only where a shell needs them. */
export function quoteIfNeeded(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quote([word]);
}

/** @throws Error when no process can be started with these arguments, on whatever host. */
export function assertArgv(argv: readonly string[]): void {
  const [program] = argv;
  if (program === undefined || program === '') {
    throw new Error('Cannot run a command without a name, expected the program as first argument');
  }
  if (program.startsWith('-')) {
    throw new Error(`Cannot run ${JSON.stringify(program)}: it starts with "-", expected a program`);
  }
  const index = argv.findIndex((word) => word.includes('\0'));
  if (index !== -1) {
    throw new Error(`Cannot run ${JSON.stringify(program)}: argument ${index} contains a zero byte, expected text`);
  }
}

/** Whether a host takes a line of this length. */
export function fitsLine(line: string): boolean {
  return Buffer.byteLength(line) <= maxLineBytes;
}

/** @throws Error when the line is longer than a host takes. */
export function assertLineLength(program: string, line: string): void {
  const bytes = Buffer.byteLength(line);
  if (!fitsLine(line)) {
    throw new Error(
      `Cannot run ${JSON.stringify(program)}: its arguments take ${bytes} bytes once quoted, ` +
        `expected at most ${maxLineBytes}: pass what is large as input`,
    );
  }
}
