import type { Construct } from 'constructs';
import { objectKey } from '../../manifest/index';
import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';
import type { MountSource } from '../props/used';
import { type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { checkPath, ownerNeeds } from './config-source';

export interface DirectoryProps extends ManagedProps {
  /** Absolute path on the host. */
  readonly path: string;
  /**
   * User that owns it, by name or number.
   * @default 'root'
   */
  readonly owner?: string;
  /**
   * Group that owns it, by name or number.
   * @default - `owner`
   */
  readonly group?: string;
  /**
   * Permissions in octal.
   * @default '0755'
   */
  readonly mode?: string;
  /**
   * Takes over a directory that is there with another owner or mode, instead of refusing to touch it. What lies in it
   * stays.
   * @default false
   */
  readonly adopt?: boolean;
}

const PROPS: KnownProps<DirectoryProps> = { ...MANAGED_PROPS, path: true, owner: true, group: true, mode: true };

/**
 * A directory of the host that services share, as the source of a volume or by its path. What lies in it is theirs: when
 * the directory leaves the stack, it is removed only if it is empty, and only if Bulkhead made it.
 */
export class Directory extends Service implements MountSource {
  /** Absolute path on the host. */
  readonly path: string;
  readonly mountKind = 'directory';
  readonly isShared = true;
  readonly fingerprint = '';
  readonly unitName = undefined;
  /** @internal */
  override readonly filesNamedBy = 'path';
  private readonly spec: Readonly<Record<'owner' | 'group' | 'mode', string>>;

  constructor(scope: Construct, id: string, props: DirectoryProps) {
    super(scope, id, 'file', props, PROPS);
    const at = this.node.path;
    const { path, owner = 'root', group = owner, mode = '0755' } = props;
    this.path = checkPath(path, 'make directory', at);
    if (!/^0?[0-7]{3,4}$/.test(mode))
      fail({
        action: 'set mode to',
        value: mode,
        problem: 'is not a mode',
        expected: 'octal digits such as "0755"',
        at: `${at}.mode`,
      });
    this.spec = { owner, group, mode: mode.padStart(4, '0') };
    this.complete();
  }

  get usedAs(): string {
    return this.path;
  }

  protected override parts(): Parts {
    const { path, spec } = this;
    return {
      objects: { [objectKey('directory', path)]: { spec } },
      needs: ownerNeeds(spec),
    };
  }
}
