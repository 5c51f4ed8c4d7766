/** What is wrong with an archive. */
export interface ArchiveProblem {
  /** Path of the archive on this machine, or what else it is. */
  readonly file: string;
  /** The entry concerned; not set when the problem is one of the whole archive. */
  readonly entry?: string | undefined;
  readonly problem: string;
  readonly expected: string;
}

/** An archive that is not read any further: its file, the entry, what is wrong with it and what was expected. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly file: string;
  /** The entry and what is wrong, without the file. */
  readonly problem: string;
  readonly expected: string;

  constructor({ file, entry, problem, expected }: ArchiveProblem) {
    const what = entry === undefined ? problem : `entry ${shown(entry)} ${problem}`;
    super(`Cannot read archive "${file}": ${what}, expected ${expected}`);
    this.file = file;
    this.problem = what;
    this.expected = expected;
  }
}

/** Paths of entries hold any byte, a character for each; the message shows the text that they spell. */
function shown(entry: string): string {
  const text = Buffer.from(entry, 'latin1').toString();
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 197)}...` : text);
}
