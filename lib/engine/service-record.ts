import { type Manifest, PART_KINDS, type PartKind } from '../manifest';

/** Names of files, units and objects. */
export type Owned = Readonly<Record<PartKind, readonly string[]>>;

/** Names of each kind of part. */
export function ofEachPart(names: (kind: PartKind) => readonly string[]): Owned {
  return Object.fromEntries(PART_KINDS.map((kind) => [kind, names(kind)])) as Owned;
}

/** A version of a service that was applied as a whole, and is kept to go back to. */
export interface Generation {
  readonly number: number;
  /** Keys of its objects that stay for it, such as its image. */
  readonly objects: readonly string[];
}

/**
 * What Bulkhead remembers on the host about a service: proof that it owns what it made, and what the running units
 * were started with.
 */
export interface ServiceRecord {
  /** The manifest that was applied last, with a digest in the place of each file's content. */
  readonly manifest: Manifest;
  /** Names of what is the service's own, that of an apply that was cut off included. */
  readonly owns: Owned;
  /** Whether it was applied as a whole at least once. */
  readonly complete: boolean;
  /** How many versions of it there were, this one included. Not set: it is the first. */
  readonly generation?: number;
  /** Versions that are kept, the newest first. */
  readonly previous?: readonly Generation[];
  /** Which of those it is that Terraform made under that name one after the other: see instance.ts. Not in the file. */
  readonly instance?: string;
  /** Numbers of versions that are there, and that an apply which was cut off should have removed. Not in the file. */
  readonly stale?: readonly number[];
  /** An apply has begun and not ended: systemd may not have read yet what is written. */
  readonly begun?: true;
  /** Digest of what each unit read when it was last started. */
  readonly applied: Readonly<Record<string, string>>;
  /** Digest of what each unit read when it was last started or reloaded, of those that read something at a reload. */
  readonly reloaded?: Readonly<Record<string, string>>;
}
