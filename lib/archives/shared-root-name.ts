import { createHash } from 'node:crypto';

/** What is added to the image of a root. */
export interface RootExtras {
  /** Adds nothing: the root has only the mount points of its image. */
  readonly bare?: boolean;
  /**
   * Absolute paths on which something is mounted. A runtime would create missing paths in the root, so roots with
   * different mount points are separate roots.
   */
  readonly mountPoints?: readonly string[];
  /** Small files, by path, to add where the image has none. */
  readonly files?: Readonly<Record<string, string>>;
  /** Name of the root's directory. */
  readonly label?: string;
}

/** Name of a shared root: the digest of its image, or of the image and the extras. */
export function sharedRootName(
  digest: string,
  { bare = false, mountPoints = [], files = {}, label = '' }: RootExtras,
): string {
  const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  if (!bare && mountPoints.length === 0 && entries.length === 0 && label === '') return digest;
  return createHash('sha256')
    .update(JSON.stringify([digest, mountPoints, entries, label, ...(bare ? ['bare'] : [])]))
    .digest('hex');
}

/** Name of the root's directory, below the directory of the root's name. */
export function sharedRootDirectory({ label = 'root' }: RootExtras): string {
  return label;
}
