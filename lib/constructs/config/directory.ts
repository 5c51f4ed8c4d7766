import type { Construct } from 'constructs';
import { objectKey } from '../../manifest/index';
import type { KnownProps } from '../props/known-props';
import { checkMode } from '../props/mode';
import type { MountSource } from '../props/used';
import { type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { checkPath, ownerNeeds } from './config-source';

export interface DirectoryProps extends ManagedProps {
  /** Absolute path on the host. */
  readonly path: string;
  /**
   * User that owns the directory, by name or number.
   * @default 'root'
   */
  readonly owner?: string;
  /**
   * Group that owns the directory, by name or number.
   * @default - the group with the name or number of `owner`
   */
  readonly group?: string;
  /**
   * Permissions in octal.
   * @default '0755'
   */
  readonly mode?: string;
  /**
   * Takes over an existing directory and gives it this owner, group and mode. Its content stays. Without `adopt`, a plan refuses
   * an existing directory with another owner or mode.
   * @default false
   */
  readonly adopt?: boolean;
}

const PROPS: KnownProps<DirectoryProps> = { ...MANAGED_PROPS, path: true, owner: true, group: true, mode: true };

/**
 * A directory of the host that services share: pass it as the source of a volume, or use its path. Its content belongs to
 * the services. When the construct leaves the stack, the directory is deleted only if Bulkhead has created it and it is
 * empty.
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
    this.path = checkPath(path, 'create directory', at);
    this.spec = { owner, group, mode: checkMode(mode, at) };
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
