import type { IConstruct } from 'constructs';
import type { UnitPart } from '../../manifest/index';

/** What services use, and restart on when it changes. */
export interface Used {
  /** What a service names it by: the path of a file on the host, or a name in the store of a runtime. */
  readonly usedAs: string;
  /** A text that differs whenever the content does. */
  readonly fingerprint: string;
}

/** A construct that services mount: the `source` of a volume. */
export interface MountSource extends IConstruct, Used {
  /** What it is, in a person's words. Every runtime mounts a `file` and a `directory`. */
  readonly mountKind: string;
  /** Which classes mount it. Not set: all of them. */
  readonly mountedBy?: string;
}

/** A construct that stands for one file on the host. */
export interface FileSource extends MountSource {
  readonly mountKind: 'file';
}

/** Whether a prop holds a construct that services mount. */
export function isMountSource(value: unknown): value is MountSource {
  return typeof value === 'object' && value !== null && 'mountKind' in value && 'usedAs' in value;
}

/** `triggers` of a unit that uses these. */
export function triggersOf(used: readonly Used[]): Pick<UnitPart, 'triggers'> {
  if (used.length === 0) return {};
  return { triggers: Object.fromEntries(used.map(({ usedAs, fingerprint }) => [usedAs, fingerprint])) };
}
