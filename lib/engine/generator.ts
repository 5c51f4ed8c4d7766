/** A program that generates units from its own files each time systemd reads its files. @see systemd.generator(7) */
export interface Generator {
  /** Directories that it reads, highest precedence first. */
  readonly directories: readonly string[];
  /** Its directories for the systemd of a user, whose runtime directory is `run`. */
  directoriesOf(home: string, run: string): readonly string[];
  /** Shell text that prints the files it does not accept to standard error. For a user, its argument is `--user`. */
  readonly check: string;
}
