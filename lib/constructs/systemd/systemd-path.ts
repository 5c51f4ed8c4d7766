import type { Construct } from 'constructs';
import type { PathSection } from '../../directives/index';
import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';
import { absolutePath } from '../props/paths';
import type { WorkloadDirectives } from '../service/workload';
import { SYSTEMD_TRIGGER_PROPS, SystemdTrigger, type SystemdTriggerProps } from './systemd-trigger';

type PathDirectives = WorkloadDirectives & { readonly Path?: PathSection };

export interface SystemdPathProps extends SystemdTriggerProps {
  /**
   * Absolute path. The program runs when this file is written and closed, or when a file in this directory changes.
   * Becomes PathChanged=.
   * @default - none
   */
  readonly changed?: string;
  /**
   * Absolute path. The program runs as long as this path exists, so the program must remove it. Becomes PathExists=.
   * @default - none
   */
  readonly exists?: string;
  /**
   * Absolute path of a directory. The program runs as long as the directory has files, so the program must remove them.
   * Becomes DirectoryNotEmpty=.
   * @default - none
   */
  readonly directoryNotEmpty?: string;
  /**
   * Any directive of the path unit (`Path`, `Install`) and of its service (`Unit`, `Service`), under its name in the
   * man page. A directive replaces a default of this class. A directive that a prop also sets is refused.
   * @default - none
   * @throws Error for a directive that a prop also sets
   * @see systemd.path(5), systemd.service(5)
   */
  readonly directives?: PathDirectives;
}

const PROPS: KnownProps<SystemdPathProps> = {
  ...SYSTEMD_TRIGGER_PROPS,
  changed: true,
  exists: true,
  directoryNotEmpty: true,
};

/**
 * A program of the host that runs when a file or directory changes, and then ends. It runs in the sandbox of a {@link
 * SystemdService}. With `service`, the path unit starts that workload instead.
 *
 * On the host: /etc/systemd/system/NAME.path, started and enabled, and NAME.service.
 */
export class SystemdPath extends SystemdTrigger<PathDirectives> {
  constructor(scope: Construct, id: string, props: SystemdPathProps) {
    super(scope, id, props, PROPS, { kind: 'path', target: 'paths.target' });
    const at = this.node.path;
    const { changed, exists, directoryNotEmpty, directives } = props;
    if ([changed, exists, directoryNotEmpty].every((path) => path === undefined) && directives?.Path === undefined)
      fail({
        action: 'watch',
        value: undefined,
        problem: 'no path is given',
        expected: 'changed, exists or directoryNotEmpty',
        at,
      });
    this.runsOnce({ Type: 'oneshot' }, props.restart);
    this.trigger
      .prop('changed', 'Path', { PathChanged: absolutePath(changed, 'changed', at) })
      .prop('exists', 'Path', { PathExists: absolutePath(exists, 'exists', at) })
      .prop('directoryNotEmpty', 'Path', {
        DirectoryNotEmpty: absolutePath(directoryNotEmpty, 'directoryNotEmpty', at),
      });
    this.finish(directives);
  }
}
