// The kernel's MAX_ARG_STRLEN without the final zero byte. The quoted line is one argument of the ssh client and of the
// login shell.
const maxLineBytes = 128 * 1024 - 1;

/**
 * A line that every POSIX shell splits into exactly these arguments.
 * @see sh(1p) (Quoting)
 */
export function quote(words: readonly string[]): string {
  // Inside quotes, POSIX keeps a backslash, but fish does not, so a backslash is placed outside of the quotes.
  return words.map((word) => `'${word.replaceAll(/['\\]/g, "'\\$&'")}'`).join(' ');
}

/**
 * A line with which any login shell (POSIX, csh, fish) runs exactly this command. csh accepts no line end inside quotes
 * and replaces `!` everywhere, so the arguments go to an `sh` without either.
 */
export function loginLine(words: readonly string[]): string {
  const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '!': '\\0041' };
  const escaped = `exec ${quote(words)}`.replaceAll(/[\\\n!]/g, (character) => escapes[character] ?? character);
  return `exec ${quote(['sh', '-c', 'eval "$(printf %b "$0")"', escaped])}`;
}

/** An argument as a person would type it, quoted only if a shell needs that. */
export function quoteIfNeeded(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quote([word]);
}

/** @throws Error when no process on any host can start with these arguments */
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

/** Whether a host accepts a line of this length. */
export function fitsLine(line: string): boolean {
  return Buffer.byteLength(line) <= maxLineBytes;
}

/** @throws Error when the line is longer than a host accepts */
export function assertLineLength(program: string, line: string): void {
  const bytes = Buffer.byteLength(line);
  if (!fitsLine(line)) {
    throw new Error(
      `Cannot run ${JSON.stringify(program)}: its arguments take ${bytes} bytes once quoted, ` +
        `expected at most ${maxLineBytes}: pass what is large as input`,
    );
  }
}
