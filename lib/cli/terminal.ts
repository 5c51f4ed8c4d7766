import { styleText } from 'node:util';
import { type ErrorDocument, errorLines } from './errors';
import { Progress } from './progress';

export type Style = Parameters<typeof styleText>[0];

export interface TerminalOptions {
  /** One JSON document takes the place of everything else. */
  readonly json?: boolean;
  /** False: no colours. True: where the terminal has them. */
  readonly color: boolean;
}

/** Where a command writes: text for people, or one JSON document. */
export class Terminal {
  readonly json: boolean;
  private readonly color: boolean;

  constructor({ json = false, color }: TerminalOptions) {
    this.json = json;
    this.color = color && process.stdout.isTTY && process.stdout.hasColors();
  }

  /** Whether someone is there to answer a question. */
  get interactive(): boolean {
    return !this.json && Boolean(process.stdin.isTTY && process.stdout.isTTY);
  }

  style(style: Style, text: string): string {
    return this.color ? styleText(style, text) : text;
  }

  print(...lines: readonly string[]): void {
    if (!this.json && lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  }

  /** Prints the one document of a command that was asked for JSON. */
  document(document: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  error(error: ErrorDocument): void {
    if (this.json) return;
    const [message = '', ...rest] = errorLines(error);
    process.stderr.write(`${[this.style(['bold', 'red'], message), ...rest].join('\n')}\n`);
  }

  /** Does some work that can take a moment, and says so on a terminal. */
  async waiting<T>(what: string, work: () => Promise<T>): Promise<T> {
    const progress = this.progress();
    progress.waiting(what);
    try {
      return await work();
    } finally {
      progress.end();
    }
  }

  progress(): Progress {
    return new Progress(this.json ? 'none' : process.stdout.isTTY ? 'live' : 'lines', process.stdout);
  }
}

/** Text that cannot steer a terminal or turn the order of what is read: what comes from a host may hold any byte. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, '0')}`;
  });
}

/** Columns of text, each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = (rows[0] ?? []).map((_, column) => width(column));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** 0.2 s, 3.1 s, 42 s, 1 min 5 s, 12 min, 5 h, 3 d. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  if (ms < 600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h`;
  return `${Math.floor(ms / 86_400_000)} d`;
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
