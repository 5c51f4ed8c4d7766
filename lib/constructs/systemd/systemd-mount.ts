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
  /** What is mounted: a device, a directory, `host:/path` of NFS, or `tmpfs`. What= */
  readonly what: string;
  /** Directory of the host that it is mounted on; made if it is not there. Where= */
  readonly where: string;
  /**
   * File system: `ext4`, `nfs`, `tmpfs`, ... Type=
   * @default - what the kernel finds
   */
  readonly type?: string;
  /**
   * Mount options, each as in mount(8). Options=
   * @default - none
   */
  readonly options?: readonly string[];
  /**
   * What `systemctl status` shows. Description=
   * @default - the name on the host
   */
  readonly description?: string;
  /**
   * Any directive of the unit, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
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
 * On the host: /etc/systemd/system/PATH.mount, started and enabled, where PATH is `where` as systemd.unit(5) escapes it.
 */
export class SystemdMount extends Service {
  /** Name of the unit: `srv-data.mount` for /srv/data. */
  readonly unitName: string;
  /** Directory that it is mounted on. */
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

// The unit's name is made of it.
function checkWhere(where: string, at: string): string {
  const path = absolutePath(where, 'where', at);
  if (path !== undefined && !Token.isUnresolved(path) && path.length > 1 && !/\/(?:\/|$)/.test(path)) return path;
  return fail({
    action: 'mount on',
    value: where,
    problem: 'is no directory that can be mounted on',
    expected: 'an absolute path other than "/", known at synthesis',
    at: `${at}.where`,
  });
}

/** A path as part of a unit's name. @see systemd-escape(1) */
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
