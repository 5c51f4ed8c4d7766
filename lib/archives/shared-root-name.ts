import { createHash } from 'node:crypto';

/** What a root has beside what its image has. */
export interface RootExtras {
  /** Nothing comes to it: it has no mount points but those of its image. */
  readonly bare?: boolean;
  /** Absolute paths that something is mounted on. Whoever mounts makes what is missing there, so such a root is another. */
  readonly mountPoints?: readonly string[];
  /** Small files by their paths, where the image has none. */
  readonly files?: Readonly<Record<string, string>>;
  /** What its directory is called. */
  readonly label?: string;
}

/** Name of a root that services share: the digest of its image, or of that and its extras. */
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

/** The directory that is the root, below one of the root's name. */
export function sharedRootDirectory({ label = 'root' }: RootExtras): string {
  return label;
}
