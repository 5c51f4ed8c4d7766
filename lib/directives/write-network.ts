import type { NetdevFile } from './netdev.generated';
import type { NetworkFile } from './network.generated';
import { type WriteOptions, writeFile } from './write-file';

/**
 * Text of a `.network` file of systemd-networkd.
 * @throws DirectiveError for a value that the format can't hold.
 * @see systemd.network(5)
 */
export function writeNetwork(file: NetworkFile, options?: WriteOptions): string {
  return writeFile('network', file, options);
}

/**
 * Text of a `.netdev` file of systemd-networkd.
 * @throws DirectiveError for a value that the format can't hold.
 * @see systemd.netdev(5)
 */
export function writeNetdev(file: NetdevFile, options?: WriteOptions): string {
  return writeFile('netdev', file, options);
}
