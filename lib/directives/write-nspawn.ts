import type { NspawnFile } from './nspawn.generated';
import { type WriteOptions, writeFile } from './write-file';

/**
 * Text of a `.nspawn` file.
 * @throws DirectiveError for a value that the format can't hold.
 * @see systemd.nspawn(5)
 */
export function writeNspawn(file: NspawnFile, options?: WriteOptions): string {
  return writeFile('nspawn', file, options).text;
}
