/** A problem with an archive. */
export interface ArchiveProblem {
  /** Path of the archive on this machine, or another name for it. */
  readonly file: string;
  /** Path of the entry. Not set for a problem of the whole archive. */
  readonly entry?: string | undefined;
  readonly problem: string;
  readonly expected: string;
}

/** An archive that can't be read further: the file, the entry, what is wrong and what was expected. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly file: string;
  /** The entry and what is wrong with it, without the file. */
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

/** A path of an entry holds one character per byte. Messages show the text that the bytes encode. */
function shown(entry: string): string {
  const text = Buffer.from(entry, 'latin1').toString();
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 197)}...` : text);
}
