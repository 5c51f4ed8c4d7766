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
   * Runs when this file was written and closed, or something in this directory was. PathChanged=
   * @default - none
   */
  readonly changed?: string;
  /**
   * Runs for as long as this exists: the program must remove it. PathExists=
   * @default - none
   */
  readonly exists?: string;
  /**
   * Runs for as long as this directory has something in it: the program must take it out. DirectoryNotEmpty=
   * @default - none
   */
  readonly directoryNotEmpty?: string;
  /**
   * Any directive of the path unit (`Path`, `Install`) and of its service (`Unit`, `Service`), under its own name. It
   * replaces a default of this class; one that a prop sets as well is refused.
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
 * A program of the host that runs when something happens to a file, and ends, in the sandbox of a
 * {@link SystemdService}.
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
