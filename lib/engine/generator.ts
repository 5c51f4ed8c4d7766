/** A program that makes units of files of its own each time systemd reads its files. @see systemd.generator(7) */
export interface Generator {
  /** Directories that it reads, highest precedence first. */
  readonly directories: readonly string[];
  /** The same for the systemd of a user, whose runtime directory is `run`. */
  directoriesOf(home: string, run: string): readonly string[];
  /** A shell text that makes it say on standard error what it does not accept. Its argument for a user is `--user`. */
  readonly check: string;
}
