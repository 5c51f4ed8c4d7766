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
   * Any directive of the unit, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
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
 * A group of services, of any runtime, that share limits: together they use no more. A service joins by its `slice` prop.
 * New limits restart the services in it. Each `-` in the name is a level: `shop-batch` is inside of `shop`, and within
 * its limits.
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
    // A reload alone would leave the control group with the limits that it has.
    return unitParts(this.unitName, this.directives.file(SECTIONS, ordering));
  }
}

// Of an empty level systemd would make no unit at all.
function checkName(name: string, at: string): string {
  if (!/(?:^|-)(?:-|$)/.test(name)) return name;
  return fail({
    action: 'name a slice',
    value: name,
    problem: 'has a level without a name',
    expected: 'one "-" between two levels; the name prop sets another',
    at,
  });
}
