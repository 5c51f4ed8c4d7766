import type { LinkFile } from './link.generated';
import type { NetdevFile } from './netdev.generated';
import type { NetworkFile } from './network.generated';
import { type WriteOptions, writeFile } from './write-file';

/**
 * Text of a `.network` file of systemd-networkd.
 * @throws DirectiveError for a value that the format can't hold.
 * @see systemd.network(5)
 */
export function writeNetwork(file: NetworkFile, options?: WriteOptions): string {
  return writeFile('network', file, options).text;
}

/**
 * Text of a `.netdev` file of systemd-networkd.
 * @throws DirectiveError for a value that the format can't hold.
 * @see systemd.netdev(5)
 */
export function writeNetdev(file: NetdevFile, options?: WriteOptions): string {
  return writeFile('netdev', file, options).text;
}

/**
 * Text of a `.link` file, by which systemd-udevd names a network interface and sets it up.
 * @throws DirectiveError for a value that the format can't hold.
 * @see systemd.link(5)
 */
export function writeLink(file: LinkFile, options?: WriteOptions): string {
  return writeFile('link', file, options).text;
}
