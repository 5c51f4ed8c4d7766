import type { QuadletFile } from './quadlet.generated';
import { type WriteOptions, writeFile } from './write-file';

/**
 * Text of a Quadlet file: `.container`, `.pod`, `.volume`, `.network`, `.kube`, `.image`, `.build` or `.artifact`.
 * @throws DirectiveError for a value that the format can't hold, among them what some Quadlet version loses silently:
 * an empty word, a word that is `;`, a double quote at either end of a value that is not split into words.
 * @see podman-systemd.unit(5)
 */
export function writeQuadlet(file: QuadletFile, options?: WriteOptions): string {
  return writeFile('quadlet', file, options).text;
}
