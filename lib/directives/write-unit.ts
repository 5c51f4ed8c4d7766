import type { SystemdUnit } from './unit.generated';
import { type WriteOptions, writeFile } from './write-file';

/**
 * Text of a systemd unit, of whatever type.
 * @throws DirectiveError for a value that the format can't hold.
 * @see systemd.syntax(7)
 */
export function writeUnit(file: SystemdUnit, options?: WriteOptions): string {
  return writeFile('unit', file, options).text;
}
