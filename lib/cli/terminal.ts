import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';
import { type ErrorDocument, errorLines } from './errors';
import { escapedJson, printable, printableJson } from './printable';
import { Progress } from './progress';

export { printable };

export type Style = Parameters<typeof styleText>[0];

export interface TerminalOptions {
  /** One JSON document takes the place of everything else. */
  readonly json?: boolean;
  /** False: no colours. True: where the terminal has them. */
  readonly color: boolean;
}

/**
 * Where a command writes: text for people, or one JSON document. All of it is made printable here, since names and
 * messages come from bundles and hosts.
 */
export class Terminal {
  readonly json: boolean;
  private readonly color: boolean;
  /** Stands for the escape character of our own styles until they are written; nobody else can know it. */
  private readonly escape = randomUUID();

  constructor({ json = false, color }: TerminalOptions) {
    this.json = json;
    this.color = color && process.stdout.isTTY && process.stdout.hasColors();
  }

  /** Whether someone is there to answer a question. */
  get interactive(): boolean {
    return !this.json && Boolean(process.stdin.isTTY && process.stdout.isTTY);
  }

  /** How many characters a line of it holds; undefined where it is none. */
  get width(): number | undefined {
    return process.stdout.isTTY ? process.stdout.columns : undefined;
  }

  style(style: Style, text: string): string {
    if (!this.color) return text;
    return styleText(style, printable(text)).replaceAll('\u001b', this.escape);
  }

  print(...lines: readonly string[]): void {
    if (!this.json && lines.length > 0) process.stdout.write(this.written(lines));
  }

  /** Prints the one document of a command that was asked for JSON. */
  document(document: unknown): void {
    if (this.json) process.stdout.write(`${printableJson(document)}\n`);
  }

  /** Prints a line that somebody else wrote: text, or a JSON object for whoever asked for JSON. */
  line(text: string): void {
    process.stdout.write(`${this.json ? escapedJson(text) : printable(text)}\n`);
  }

  error(error: ErrorDocument): void {
    if (this.json) return;
    const [message = '', ...rest] = errorLines(error);
    process.stderr.write(this.written([this.style(['bold', 'red'], message), ...rest]));
  }

  /** Says something beside the output of a command, which may be a document. */
  warn(...lines: readonly string[]): void {
    if (lines.length > 0) process.stderr.write(this.written(lines.map((line) => this.style('yellow', line))));
  }

  private written(lines: readonly string[]): string {
    return `${printable(lines.join('\n')).replaceAll(this.escape, '\u001b')}\n`;
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

/** `1 file`, `2 files`, `2 directories`, `2 tables of nftables`. */
export function count(number: number, noun: string): string {
  if (number === 1) return `1 ${noun}`;
  const [word = '', ...of] = noun.split(/(?= of )/);
  return `${number} ${/[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ie` : word}s${of.join('')}`;
}
