import type { Construct } from 'constructs';
import type { InstallSection, ServiceSection, UnitSection } from '../directives';
import type { UnitPart } from '../manifest';
import { checkSections, filesRead, triggersOf } from './common-directives';
import type { ConfigSource } from './config-source';
import { DirectiveSet } from './directive-set';
import type { KnownProps } from './known-props';
import type { Ordering, Parts } from './service';
import { programDirectives, SYSTEMD_SERVICE_PROPS, type SystemdServiceProps } from './systemd-service';
import { checkSlice } from './systemd-slice';
import { mountPointsOf, parseVolume } from './volumes';
import { Workload } from './workload';

/** What a unit takes that starts a service: the props of that service. */
export interface SystemdTriggerProps extends Omit<SystemdServiceProps, 'ports' | 'health' | 'directives'> {
  /** Directives of the unit itself and of its service; each class names its own section. */
  readonly directives?: {
    /** Of the service. */
    readonly Unit?: UnitSection;
    readonly Service?: ServiceSection;
    /** Of the unit that starts it. */
    readonly Install?: InstallSection;
  };
}

const { ports: _ports, health: _health, ...props } = SYSTEMD_SERVICE_PROPS;
export const SYSTEMD_TRIGGER_PROPS: KnownProps<SystemdTriggerProps> = props;

/** The kinds of units that start a service, and their sections. */
const SECTION = { timer: 'Timer', path: 'Path', socket: 'Socket' } as const;
type Kind = keyof typeof SECTION;

export interface TriggerOptions {
  readonly kind: Kind;
  readonly target: string;
  /** Starts an instance of the service for each event. */
  readonly instances?: boolean;
}

/** A unit that waits, together with the service that it starts. */
export abstract class SystemdTrigger extends Workload {
  /** Name of the unit that waits. */
  readonly unitName: string;
  /** Name of the unit that it starts: `NAME.service`, with instances `NAME@.service`. */
  readonly triggeredUnit: string;
  protected readonly program: DirectiveSet;
  protected readonly trigger: DirectiveSet;
  private readonly read: readonly ConfigSource[];
  private readonly mounts: Pick<UnitPart, 'mountPoints'>;
  protected readonly environmentSection = 'Service' as const;

  protected constructor(
    scope: Construct,
    id: string,
    props: SystemdTriggerProps,
    known: KnownProps<SystemdTriggerProps>,
    private readonly options: TriggerOptions,
  ) {
    super(scope, id, 'systemd', props, known);
    const at = this.node.path;
    const { kind, target, instances } = options;
    this.unitName = `${this.serviceName}.${kind}`;
    this.triggeredUnit = `${this.serviceName}${instances ? '@' : ''}.service`;
    if (props.slice) this.require(checkSlice(props.slice, this));
    const volumes = (props.volumes ?? []).map((volume, index) => parseVolume(volume, `${at}.volumes[${index}]`));
    this.read = filesRead(volumes, props.environmentFiles);
    this.mounts = mountPointsOf(volumes, props.root);
    for (const file of this.read) this.require(file);
    checkSections(props.directives, ['Unit', 'Service', SECTION[kind], 'Install'], at);
    this.program = programDirectives(this.serviceName, props, [], volumes, at);
    this.trigger = new DirectiveSet(at)
      .defaults('Unit', { Description: `${SECTION[kind]} of ${this.serviceName}` })
      .defaults('Install', { WantedBy: target });
  }

  /** Ends the making: what the user wrote by hand comes last. */
  protected finish(directives: SystemdTriggerProps['directives'] = {}): void {
    const { Unit, Service: service, ...own } = directives;
    this.program.byHand({ Unit, Service: service });
    this.trigger.byHand(own);
    this.check();
  }

  protected override get sections() {
    const own = this.trigger.bySection([SECTION[this.options.kind], 'Install']);
    return { ...this.program.bySection(['Unit', 'Service']), ...own };
  }

  protected override parts(ordering: Ordering): Parts {
    const waits = `/etc/systemd/system/${this.unitName}`;
    const runs = `/etc/systemd/system/${this.triggeredUnit}`;
    const sections = ['Unit', SECTION[this.options.kind], 'Install'];
    return {
      natives: {
        [runs]: { format: 'unit', sections: this.program.file(['Unit', 'Service'], ordering) },
        [waits]: { format: 'unit', sections: this.trigger.file(sections) },
      },
      units: {
        [this.unitName]: {
          state: 'active',
          enabled: true,
          restartOn: this.options.kind === 'socket' ? [waits, runs] : [waits],
          ...(this.options.kind === 'socket' ? triggersOf(this.read) : {}),
          ...this.mounts,
        },
        // Left to run to its end; the next start takes what is new.
        ...(this.options.instances ? {} : { [this.triggeredUnit]: { restartOn: [] } }),
      },
    };
  }
}
