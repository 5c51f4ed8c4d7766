import type { IConstruct } from 'constructs';
import type { UnitPart } from '../../manifest/index';

/** Something that services use. A service restarts when the content changes. */
export interface Used {
  /** Path of a file on the host, or name in the store of a runtime. Services refer to it by this text. */
  readonly usedAs: string;
  /** Text that changes whenever the content changes. */
  readonly fingerprint: string;
}

/**
 * What becomes of a service when something that it uses changes: it restarts, it reloads, which needs ExecReload= in
 * `directives.Service`, or nothing is done to it.
 */
export type OnChange = 'restart' | 'reload' | 'none';

/** Something that a service uses, and what a change of it does to the service. */
export interface Use extends Used {
  readonly onChange?: OnChange;
  /** The prop that says so, for messages. */
  readonly at?: string;
}

/** Whether a construct has content that services use, other than a directory that they fill themselves. */
export function hasContent(construct: IConstruct): boolean {
  return 'fingerprint' in construct && !('isShared' in construct);
}

/** A construct that services can mount as the `source` of a volume. */
export interface MountSource extends IConstruct, Used {
  /** Kind of source, in plain words for messages. Every runtime mounts a `file` and a `directory`. */
  readonly mountKind: string;
  /** Classes that can mount it. Not set: all classes. */
  readonly mountedBy?: string;
  /** Services write to it, as to any path of the host: it has no content of its own. */
  readonly isShared?: true;
  /** @internal Has its content written into the file that is there, which services have mounted. */
  writeInPlace?(): void;
}

/** A construct for one file on the host. */
export interface FileSource extends MountSource {
  readonly mountKind: 'file';
}

/** Whether a prop holds a construct that services can mount. */
export function isMountSource(value: unknown): value is MountSource {
  return typeof value === 'object' && value !== null && 'mountKind' in value && 'usedAs' in value;
}

/** The `triggers` and `reloads` of a unit that uses these constructs. */
export function triggersOf(used: readonly Use[]): Pick<UnitPart, 'triggers' | 'reloads'> {
  const values = (word: OnChange) =>
    used.flatMap(({ onChange = 'restart', usedAs, fingerprint }) =>
      onChange === word ? [[usedAs, fingerprint] as const] : [],
    );
  const [restart, reload] = [values('restart'), values('reload')];
  return {
    ...(restart.length > 0 && { triggers: Object.fromEntries(restart) }),
    ...(reload.length > 0 && { reloads: Object.fromEntries(reload) }),
  };
}
