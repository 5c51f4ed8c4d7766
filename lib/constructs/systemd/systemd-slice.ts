import type { Construct } from 'constructs';
import type { InstallSection, SliceSection, UnitSection } from '../../directives/index';
import { fail } from '../problem';
import { checkSections, DirectiveSet } from '../props/directive-set';
import type { KnownProps } from '../props/known-props';
import { parseCpu, parseMemory, parseTasks } from '../props/quantities';
import { type Ordering, type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps, type ServiceProps } from '../service/service-props';
import { unitParts } from '../service/unit-parts';
import type { SliceName } from '../service/unit-props';

export interface SystemdSliceProps
  extends ManagedProps,
    Pick<ServiceProps, 'memory' | 'cpu' | 'tasks' | 'description'> {
  /**
   * Any directive of the unit, under its name in the man page. A directive replaces a default of this class. A
   * directive that a prop also sets is refused.
   * @default - none
   * @throws Error for a directive that a prop also sets
   * @see systemd.slice(5), systemd.resource-control(5)
   */
  readonly directives?: {
    readonly Unit?: UnitSection;
    readonly Slice?: SliceSection;
    readonly Install?: InstallSection;
  };
}

const PROPS: KnownProps<SystemdSliceProps> = {
  ...MANAGED_PROPS,
  memory: true,
  cpu: true,
  tasks: true,
  description: true,
  directives: true,
};

const SECTIONS = ['Unit', 'Slice', 'Install'];

/**
 * A group of services, of any runtime, that share limits. Together the services can't exceed a limit of the slice. A
 * service joins with its `slice` prop. When the limits change, the services in the slice restart. Each `-` in the name
 * is a level: `shop-batch` is inside `shop`, and limited by it.
 *
 * On the host: /etc/systemd/system/NAME.slice, started and enabled.
 */
export class SystemdSlice extends Service {
  /** Name of the unit: `NAME.slice`. */
  readonly unitName: SliceName;
  private readonly directives: DirectiveSet;

  constructor(scope: Construct, id: string, props: SystemdSliceProps = {}) {
    super(scope, id, 'systemd', props, PROPS);
    const at = this.node.path;
    this.unitName = `${checkName(this.serviceName, at)}.slice`;
    checkSections(props.directives, SECTIONS, at);
    this.directives = new DirectiveSet(at)
      .defaults('Unit', { Description: this.serviceName })
      .prop('description', 'Unit', { Description: props.description })
      .prop('memory', 'Slice', { MemoryMax: parseMemory(props.memory, at) })
      .prop('cpu', 'Slice', { CPUQuota: parseCpu(props.cpu, at) })
      .prop('tasks', 'Slice', { TasksMax: parseTasks(props.tasks, at) })
      .defaults('Install', { WantedBy: 'multi-user.target' })
      .byHand(props.directives);
    this.complete();
  }

  protected override parts(ordering: Ordering): Parts {
    // After a reload alone, the control group would keep its old limits.
    return unitParts(this.unitName, this.directives.file(SECTIONS, ordering));
  }
}

// systemd does not create a slice with an empty level.
function checkName(name: string, at: string): string {
  if (!/(?:^|-)(?:-|$)/.test(name)) return name;
  return fail({
    action: 'name a slice',
    value: name,
    problem: 'has a level without a name',
    expected: 'one "-" between two levels; the name prop sets another name',
    at,
  });
}
