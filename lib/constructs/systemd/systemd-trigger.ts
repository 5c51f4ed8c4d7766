import type { Construct } from 'constructs';
import type { ServiceSection } from '../../directives/index';
import type { UnitPart } from '../../manifest/index';
import { Network } from '../network/network';
import { hostPort, NetworkAccess, type NetworkFile } from '../network/network-access';
import { NetworkedWorkload } from '../network/networked-workload';
import { fail } from '../problem';
import { networkMounts } from '../program/program-directives';
import type { ProgramImage } from '../program/program-image';
import { programNeeds, programOwner } from '../program/program-needs';
import type { Asset } from '../props/assets';
import { checkSections, DirectiveSet } from '../props/directive-set';
import type { KnownProps } from '../props/known-props';
import { type Port, type PortProp, parsePorts } from '../props/ports';
import type { Restart } from '../props/quantities';
import { triggersOf, type Use } from '../props/used';
import { mountPointsOf, parseVolumes, type Volume } from '../props/volumes';
import type { NativeFile, Ordering, Parts } from '../service/service';
import { MANAGED_PROPS } from '../service/service-props';
import { unitParts } from '../service/unit-parts';
import { checkSlice } from '../service/unit-props';
import { Workload, type WorkloadDirectives } from '../service/workload';
import { systemdImage, systemdProgram } from './systemd-program';
import { SYSTEMD_SERVICE_PROPS, type SystemdServiceProps } from './systemd-service-props';

/** Props of a unit that starts a service, together with the props of that service. */
export interface SystemdTriggerProps
  extends Omit<SystemdServiceProps, 'ports' | 'expose' | 'health' | 'oneshot' | 'directives'> {
  /**
   * A workload of this host to start, instead of a program: a container, a machine, or any service with a unit. An
   * apply and a boot do not start it: only this unit does. With `oneshot: true` in its props, the workload runs to its
   * end each time. Becomes Unit=, or Service= in a socket.
   * @default - a program, which `command` and the other props describe
   */
  readonly service?: Workload;
  /**
   * `Unit` and `Service` are for the service, `Install` is for the unit that starts it. Each class adds a section.
   * @default - none
   */
  readonly directives?: WorkloadDirectives;
}

const { ports: _ports, expose: _expose, health: _health, oneshot: _oneshot, ...ofProgram } = SYSTEMD_SERVICE_PROPS;
export const SYSTEMD_TRIGGER_PROPS: KnownProps<SystemdTriggerProps> = { ...ofProgram, service: true };

/** The kinds of units that start a service, with their sections. */
const SECTION = { timer: 'Timer', path: 'Path', socket: 'Socket' } as const;
type Kind = keyof typeof SECTION;

export interface TriggerOptions {
  readonly kind: Kind;
  readonly target: string;
  /** Whether each event starts an instance of the service. */
  readonly instances?: boolean;
  /** Ports that the waiting unit listens on. */
  readonly ports?: readonly PortProp[] | undefined;
}

/** A unit that waits for an event, and the service that it starts. */
export abstract class SystemdTrigger<
  Sections extends WorkloadDirectives = WorkloadDirectives,
> extends NetworkedWorkload<Sections> {
  /** Name of the waiting unit. */
  readonly unitName: string;
  override readonly ports: readonly Port[];
  /** Name of the unit that it starts: `NAME.service`, `NAME@.service` with instances, or the unit of `service`. */
  readonly triggeredUnit: string;
  /** The workload that it starts. Undefined when it starts a program of its own. */
  protected readonly started: Workload | undefined;
  protected readonly program: DirectiveSet;
  protected readonly trigger: DirectiveSet;
  protected readonly access: NetworkAccess;
  override readonly assets: readonly Asset[];
  private readonly image: ProgramImage | undefined;
  private readonly read: readonly Use[];
  private readonly volumes: readonly Volume[];
  private readonly networkFiles: readonly NetworkFile[];
  private readonly mounts: Pick<UnitPart, 'mountPoints'>;
  protected readonly environmentSection = 'Service' as const;

  protected constructor(
    scope: Construct,
    id: string,
    private readonly props: SystemdTriggerProps,
    known: KnownProps<SystemdTriggerProps>,
    private readonly options: TriggerOptions,
  ) {
    super(scope, id, 'systemd', props, known);
    const at = this.node.path;
    const { kind, target, instances } = options;
    this.unitName = `${this.serviceName}.${kind}`;
    this.started = this.require(checkStarted(this, props));
    this.triggeredUnit = this.started?.unitName ?? `${this.serviceName}${instances ? '@' : ''}.service`;
    this.require(checkSlice(props.slice, this));
    // A socket on the host hands its connections over, whatever network the program sees.
    const isOnNetwork = props.network instanceof Network;
    this.ports = parsePorts(options.ports, at, isOnNetwork ? undefined : hostPort);
    this.access = new NetworkAccess(this, props, isOnNetwork ? this.ports : [], () => 'host');
    this.require(this.access.network);
    const volumes = parseVolumes(props.volumes, at);
    this.volumes = volumes;
    this.image = systemdImage(props, volumes, at);
    this.networkFiles = this.access.files(volumes);
    // An instance for one event ends soon, so it does not need new mounts when files of the network are replaced.
    if (props.root === undefined && !this.image && !instances)
      this.access.network?.mountOver(this.triggeredUnit, this.networkFiles);
    this.read = this.reads(volumes, props, programOwner(props));
    this.assets = this.image?.root.assets ?? [];
    this.mounts = this.image ? {} : mountPointsOf([...volumes, ...this.networkFiles], props.root);
    checkSections(props.directives, ['Unit', 'Service', SECTION[kind], 'Install'], at);
    const secrets = this.loadSecrets(props);
    this.program = this.started
      ? new DirectiveSet(at)
      : systemdProgram(this, props, this.access, volumes, this.image, secrets);
    this.trigger = new DirectiveSet(at)
      .defaults('Unit', { Description: `${SECTION[kind]} of ${this.serviceName}` })
      .defaults('Install', { WantedBy: target });
  }

  // The next run of a timer or path reads the new value.
  protected override get readsSecrets(): string | undefined {
    return this.options.kind === 'socket' ? this.unitName : undefined;
  }

  /** @internal The waiting unit is kept active. */
  override get life(): 'program' {
    return 'program';
  }

  protected override get isStartedLater(): boolean {
    return true;
  }

  // The unit that waits has nothing to reload.
  protected override get reloads(): undefined {
    return undefined;
  }

  /** Makes the program run to its end, and not again before the next event, unless the user sets `restart`. */
  protected runsOnce(service: ServiceSection, restart: Restart | undefined): void {
    if (this.started) return;
    this.program.defaults('Service', service);
    if (restart !== undefined) return;
    // systemd's start limit ends a unit that triggers its service again and again, so the limit must stay.
    this.program.withoutDefaults('Service', ['RestartSec']).withoutDefaults('Unit', ['StartLimitIntervalSec']);
    this.program.defaults('Service', { Restart: 'no' });
  }

  /** Ends the constructor of a subclass. It adds the directives that the user wrote by hand, which replace defaults. */
  protected finish(directives: WorkloadDirectives = {}): void {
    const { Unit, Service: service, ...own } = directives;
    this.program.byHand({ Unit, Service: service });
    this.trigger.byHand(own);
    const { started, options } = this;
    if (started) {
      const key = options.kind === 'socket' ? 'Service' : 'Unit';
      this.trigger.prop('service', SECTION[options.kind], { [key]: started.unitName });
      started.startBy(this, `${this.node.path}.service`);
    }
    this.complete();
  }

  protected override get sections() {
    const own = this.trigger.bySection([SECTION[this.options.kind], 'Install']);
    return { ...this.program.bySection(['Unit', 'Service']), ...own };
  }

  protected override parts(ordering: Ordering): Parts {
    const waits = `/etc/systemd/system/${this.unitName}`;
    const runs = `/etc/systemd/system/${this.triggeredUnit}`;
    const sections = ['Unit', SECTION[this.options.kind], 'Install'];
    const waiting: NativeFile = { format: 'unit', sections: this.trigger.file(sections) };
    if (this.started) return unitParts(this.unitName, waiting.sections);
    const parts: Parts = {
      natives: {
        [runs]: {
          format: 'unit',
          sections: this.program.file(['Unit', 'Service'], ordering),
          ofImage: this.image?.environment,
        },
        [waits]: waiting,
      },
      ...(this.image ? { objects: this.image.root.objects } : {}),
      needs: programNeeds(this.program, this.image ? {} : this.props, this.volumes),
      units: {
        [this.unitName]: {
          state: 'active',
          enabled: true,
          restartOn: this.options.kind === 'socket' ? [waits, runs] : [waits],
          ...(this.options.kind === 'socket' ? triggersOf(this.read) : {}),
          ...this.mounts,
        },
        // A running service continues to its end. The next start uses the new files.
        ...(this.options.instances ? {} : { [this.triggeredUnit]: { restartOn: [] } }),
      },
    };
    return this.access.withParts(parts, networkMounts(runs, this.networkFiles));
  }
}

const OF_TRIGGER = [...Object.keys(MANAGED_PROPS), 'description', 'network', 'service', 'directives'];

/** Checks a `service` prop. @throws Error */
function checkStarted(trigger: SystemdTrigger, props: SystemdTriggerProps): Workload | undefined {
  const { service } = props;
  if (service === undefined) return undefined;
  const at = `${trigger.node.path}.service`;
  const action = 'start';
  if (!(service instanceof Workload) || !service.unitName?.endsWith('.service'))
    return fail({
      action,
      value: service,
      problem: 'is not a service that can be started',
      expected: 'a service such as a PodmanService',
      at,
    });
  const value = service.node.path;
  if (service.host.address !== trigger.host.address)
    return fail({
      action,
      value,
      problem: 'is on another host',
      expected: `a service on ${trigger.host.node.path}`,
      at,
    });
  if (service.rootless)
    return fail({
      action,
      value,
      problem: "is rootless, and the system can't start units of a user",
      expected: 'a service that is not rootless',
      at,
    });
  const own = Object.keys(ofProgram).find(
    (key) => !OF_TRIGGER.includes(key) && props[key as keyof SystemdTriggerProps] !== undefined,
  );
  if (own === undefined) return service;
  return fail({
    action: `set ${own} beside service to`,
    value: props[own as keyof SystemdTriggerProps],
    problem: `${value} has its own program`,
    expected: `${own} on that service`,
    at: `${trigger.node.path}.${own}`,
  });
}
