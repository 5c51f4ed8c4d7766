import type { Construct } from 'constructs';
import type { InstallSection, MountSection, UnitSection } from '../../directives/index';
import { Token } from '../cdktf';
import { fail } from '../problem';
import { checkSections, DirectiveSet } from '../props/directive-set';
import type { KnownProps } from '../props/known-props';
import { absolutePath } from '../props/paths';
import { type Ordering, type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { unitParts } from '../service/unit-parts';

export interface SystemdMountProps extends ManagedProps {
  /** Source of the mount: a device, a directory, `host:/path` of NFS, or `tmpfs`. Becomes What=. */
  readonly what: string;
  /**
   * Absolute path of the directory to mount on, known at synthesis. It is created if it does not exist. Becomes Where=.
   */
  readonly where: string;
  /**
   * Type of the file system, such as `ext4`, `nfs` or `tmpfs`. Becomes Type=.
   * @default - the type that the kernel detects
   */
  readonly type?: string;
  /**
   * Mount options, each as in mount(8). Becomes Options=.
   * @default - none
   */
  readonly options?: readonly string[];
  /**
   * Text in `systemctl status`. Becomes Description=.
   * @default - the name on the host
   */
  readonly description?: string;
  /**
   * Any directive of the unit, under its name in the man page. A directive replaces a default of this class. A
   * directive that a prop also sets is refused.
   * @default - none
   * @throws Error for a directive that a prop also sets
   * @see systemd.mount(5)
   */
  readonly directives?: {
    readonly Unit?: UnitSection;
    readonly Mount?: MountSection;
    readonly Install?: InstallSection;
  };
}

const PROPS: KnownProps<SystemdMountProps> = {
  ...MANAGED_PROPS,
  what: true,
  where: true,
  type: true,
  options: 'list',
  description: true,
  directives: true,
};

const SECTIONS = ['Unit', 'Mount', 'Install'];

/**
 * A file system that is mounted on the host.
 *
 * On the host: /etc/systemd/system/PATH.mount, started and enabled. PATH is `where`, escaped as in systemd.unit(5).
 */
export class SystemdMount extends Service {
  /** Name of the unit: `srv-data.mount` for /srv/data. */
  readonly unitName: string;
  /** Directory that the file system is mounted on. */
  readonly where: string;
  private readonly directives: DirectiveSet;

  constructor(scope: Construct, id: string, props: SystemdMountProps) {
    super(scope, id, 'systemd', props, PROPS);
    const at = this.node.path;
    this.where = checkWhere(props.where, at);
    this.unitName = `${escapePath(this.where)}.mount`;
    checkSections(props.directives, SECTIONS, at);
    const options = props.options ?? [];
    this.directives = new DirectiveSet(at)
      .defaults('Unit', { Description: this.serviceName })
      .prop('description', 'Unit', { Description: props.description })
      .prop('what', 'Mount', { What: props.what })
      .prop('where', 'Mount', { Where: this.where })
      .prop('type', 'Mount', { Type: props.type })
      .prop('options', 'Mount', { Options: options.length > 0 ? options.join(',') : undefined })
      .defaults('Install', { WantedBy: 'multi-user.target' })
      .byHand(props.directives);
    this.complete();
  }

  protected override parts(ordering: Ordering): Parts {
    return unitParts(this.unitName, this.directives.file(SECTIONS, ordering));
  }
}

// The name of the unit is derived from the path.
function checkWhere(where: string, at: string): string {
  const path = absolutePath(where, 'where', at);
  if (path !== undefined && !Token.isUnresolved(path) && path.length > 1 && !/\/(?:\/|$)/.test(path)) return path;
  return fail({
    action: 'mount on',
    value: where,
    problem: "can't be a mount point",
    expected: 'an absolute path other than "/", known at synthesis',
    at: `${at}.where`,
  });
}

/** Escapes a path for the name of a unit. @see systemd-escape(1) */
export function escapePath(path: string): string {
  const bytes = Buffer.from(path.replace(/^\//, ''));
  return [...bytes]
    .map((byte, index) => {
      const char = String.fromCharCode(byte);
      if (char === '/') return '-';
      const plain = /[A-Za-z0-9:_.]/.test(char) && (char !== '.' || index > 0);
      return plain ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
