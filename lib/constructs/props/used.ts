import type { IConstruct } from 'constructs';
import type { UnitPart } from '../../manifest/index';

/** Something that services use. A service restarts when the content changes. */
export interface Used {
  /** Path of a file on the host, or name in the store of a runtime. Services refer to it by this text. */
  readonly usedAs: string;
  /** Text that changes whenever the content changes. */
  readonly fingerprint: string;
}

/** A construct that services can mount as the `source` of a volume. */
export interface MountSource extends IConstruct, Used {
  /** Kind of source, in plain words for messages. Every runtime mounts a `file` and a `directory`. */
  readonly mountKind: string;
  /** Classes that can mount it. Not set: all classes. */
  readonly mountedBy?: string;
}

/** A construct for one file on the host. */
export interface FileSource extends MountSource {
  readonly mountKind: 'file';
}

/** Whether a prop holds a construct that services can mount. */
export function isMountSource(value: unknown): value is MountSource {
  return typeof value === 'object' && value !== null && 'mountKind' in value && 'usedAs' in value;
}

/** The `triggers` of a unit that uses these constructs. */
export function triggersOf(used: readonly Used[]): Pick<UnitPart, 'triggers'> {
  if (used.length === 0) return {};
  return { triggers: Object.fromEntries(used.map(({ usedAs, fingerprint }) => [usedAs, fingerprint])) };
}
