import type { Construct } from 'constructs';
import type {
  Capability,
  ContainerSection,
  InstallSection,
  Open,
  QuadletFile,
  ServiceSection,
  UnitSection,
} from '../directives';
import type { ImagePart } from '../manifest';
import { type Asset, assetOf } from './assets';
import {
  absolutePath,
  checkSections,
  checkWords,
  commonDirectives,
  environmentOf,
  environmentPaths,
  filesRead,
  triggersOf,
} from './common-directives';
import type { ConfigSource } from './config-source';
import { DirectiveSet } from './directive-set';
import { type HealthRuntime, healthDirectives, healthPrograms } from './health';
import { Image } from './image';
import type { KnownProps } from './known-props';
import { readImageConfig } from './oci-archive';
import { PodmanBuild } from './podman-build';
import { podmanCommand } from './podman-command';
import { checkReference, PodmanImage } from './podman-image';
import type { PodmanNetwork } from './podman-network';
import { type NetworkMode, networkDirectives, networkResources } from './podman-networking';
import type { PodmanPod } from './podman-pod';
import { checkResource, type PodmanResource, withoutQuadletOrder } from './podman-resource';
import { PodmanVolume } from './podman-volume';
import { type Port, parsePort } from './ports';
import { fail } from './problem';
import { parseDuration } from './quantities';
import { bootTarget, quadletDirectory, type RootlessProps } from './rootless';
import type { Ordering, Parts, Service } from './service';
import { type EnvironmentFilesProps, SERVICE_PROPS, type ServiceProps } from './service-props';
import { checkSlice } from './systemd-slice';
import { checkUser, type User } from './user';
import { parseVolume, type Volume } from './volumes';
import { Workload } from './workload';

export interface PodmanServiceProps extends ServiceProps, EnvironmentFilesProps, RootlessProps {
  /**
   * The image: a reference with its registry (`docker.io/library/caddy:2`), which the host pulls when it lacks it,
   * {@link Image.ociArchive}, which is brought to the host, or one that the host pulls or builds beforehand. Image=
   */
  readonly image: string | Image | PodmanImage | PodmanBuild;
  /**
   * The program to run instead of the image's ENTRYPOINT and CMD, with its arguments. Entrypoint=, Exec=
   * @default - what the image says
   */
  readonly command?: readonly string[];
  /**
   * Arguments for the image's ENTRYPOINT instead of its CMD, or further ones after those of `command`. Exec=
   * @default - what the image says
   */
  readonly args?: readonly string[];
  /**
   * Networks of the same host that it is on. There it reaches the others, and they reach it, by the name on the host.
   * Network=
   * @default - podman's default network, where nothing has a name
   */
  readonly networks?: readonly PodmanNetwork[];
  /**
   * `host` shares all interfaces of the host, whose ports it then listens on itself; `none` has no network at all. Not
   * together with `networks`. Network=
   * @default - a network namespace of its own
   */
  readonly network?: NetworkMode;
  /**
   * The pod that it is in, of the same host. The pod has the ports and networks. Pod=
   * @default - none
   */
  readonly pod?: PodmanPod;
  /**
   * User inside of the container: a name or number, or `user:group`. User=
   * @default - what the image says
   */
  readonly user?: string;
  /**
   * Exactly the capabilities that it holds; `[]` is none. AddCapability=, DropCapability=all
   * @default - the short list that podman gives every container, which images are made for
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Mounts the image read-only. It can still write to /tmp, /run, /var/tmp and its volumes. ReadOnly=
   * @default false
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Any key of the Quadlet file, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
   * @see podman-systemd.unit(5)
   */
  readonly directives?: {
    readonly Unit?: UnitSection;
    readonly Container?: ContainerSection;
    readonly Quadlet?: NonNullable<QuadletFile['Quadlet']>;
    readonly Service?: ServiceSection;
    readonly Install?: InstallSection;
  };
}

const PROPS: KnownProps<PodmanServiceProps> = {
  ...SERVICE_PROPS,
  rootless: true,
  environmentFiles: 'list',
  image: true,
  command: 'list',
  args: 'list',
  networks: 'list',
  network: true,
  pod: true,
  user: true,
  capabilities: 'list',
  readOnlyRoot: true,
  directives: true,
};

const SECTIONS = ['Unit', 'Container', 'Quadlet', 'Service', 'Install'];

// Pulling an image counts as starting, and takes longer than the 90 s that systemd gives a start.
const START_TIMEOUT_MIN = 15;

// Podman kills the container itself after its own timeout; systemd must not be faster.
const STOP_MARGIN_SEC = 15;

/**
 * A container that podman runs under systemd, written as a Quadlet file. Processes in it gain no privileges.
 *
 * On the host: /etc/containers/systemd/NAME.container, which systemd makes NAME.service of.
 */
export class PodmanService extends Workload {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly rootless: User | undefined;
  override readonly ports: readonly Port[];
  override readonly assets: readonly Asset[];
  private readonly directives: DirectiveSet;
  private readonly images: Readonly<Record<string, ImagePart>>;
  private readonly mounted: readonly string[];
  private readonly read: readonly ConfigSource[];
  private readonly programs: Readonly<Record<string, string>>;
  private readonly resources: readonly PodmanResource[];
  protected readonly environmentSection = 'Container' as const;

  constructor(scope: Construct, id: string, props: PodmanServiceProps) {
    super(scope, id, 'podman', props, PROPS);
    this.rootless = checkUser(props.rootless, this);
    if (this.rootless) this.require(this.rootless);
    if (props.slice) this.require(checkSlice(props.slice, this));
    const at = this.node.path;
    this.unitName = `${this.serviceName}.service`;
    this.ports = (props.ports ?? []).map((port, index) => parsePort(port, `${at}.ports[${index}]`));
    const volumes = (props.volumes ?? []).map((volume, index) =>
      parseVolume(volume, `${at}.volumes[${index}]`, 'volumes'),
    );
    this.mounted = volumes.map(({ source }) => source).filter((source) => LOST_BY_QUADLET.test(source));
    this.read = filesRead(volumes, props.environmentFiles);
    this.resources = [
      ...volumes.flatMap(({ volume, at }) => (volume ? checkResource(volume, PodmanVolume, this, at) : [])),
      ...networkResources(this, props, this.ports),
      ...imageResources(this, props.image),
    ];
    for (const needed of [...this.read, ...this.resources]) this.require(needed);
    const { reference, part, asset } = imageOf(this.serviceName, props.image, `${at}.image`);
    this.assets = asset ? [asset] : [];
    this.images = part ? { [reference]: part } : {};
    this.programs = healthPrograms(props.health, 'nsenter');
    checkSections(props.directives, SECTIONS, at);
    const set = new DirectiveSet(at).prop('image', 'Container', {
      Image: reference,
      Pull: part ? 'never' : undefined,
    });
    this.directives = toDirectives(set, this.serviceName, props, this.ports, volumes, at)
      .defaults('Install', { WantedBy: bootTarget(this.rootless) })
      .byHand(props.directives);
    this.check();
  }

  protected override get sections() {
    return this.directives.bySection(SECTIONS);
  }

  protected override parts(ordering: Ordering): Parts {
    const path = `${quadletDirectory(this.rootless)}/${this.serviceName}.container`;
    const added = { ...withoutQuadletOrder(ordering, this.resources), RequiresMountsFor: this.mounted };
    return {
      natives: { [path]: { format: 'quadlet', sections: this.directives.file(SECTIONS, added) } },
      images: this.images,
      requires: { podman: '4.4 for Quadlet', ...this.programs, ...(this.rootless ? cgroup(this.directives) : {}) },
      units: {
        [this.unitName]: {
          state: 'active',
          restartOn: [path, ...Object.keys(this.images)],
          ...triggersOf(this.read, this.resources),
        },
      },
    };
  }
}

// Without control groups of its own, a user can neither limit anything nor give a container one.
function cgroup(directives: DirectiveSet): Record<string, string> {
  const limits = ['MemoryMax', 'CPUQuota', 'TasksMax'].some((key) => directives.get('Service', key) !== undefined);
  if (limits) return { cgroup: '2 for limits without root' };
  if (directives.get('Container', 'CgroupsMode') === 'disabled') return {};
  return { cgroup: '2 for containers without root, unless directives set CgroupsMode= to disabled' };
}

function imageResources(user: Service, image: PodmanServiceProps['image']): PodmanResource[] {
  const at = `${user.node.path}.image`;
  if (image instanceof PodmanImage) return [checkResource(image, PodmanImage, user, at)];
  return image instanceof PodmanBuild ? [checkResource(image, PodmanBuild, user, at)] : [];
}

interface ContainerImage {
  readonly reference: string;
  readonly part?: ImagePart;
  readonly asset?: Asset;
}

function imageOf(name: string, image: PodmanServiceProps['image'], at: string): ContainerImage {
  if (image instanceof PodmanImage || image instanceof PodmanBuild) return { reference: image.quadletName };
  if (typeof image === 'string') return { reference: checkReference(image, at) };
  const { path, format } = Image.check(image, ['oci-archive'], at);
  const asset = assetOf(path, 'run image', at);
  const reference = `localhost/${name.toLowerCase()}:${asset.digest.slice(0, 12)}`;
  const { id } = readImageConfig(path, at);
  return { reference, asset, part: { store: 'podman', format, asset: asset.digest, id } };
}

function toDirectives(
  set: DirectiveSet,
  name: string,
  props: PodmanServiceProps,
  ports: readonly Port[],
  volumes: readonly Volume[],
  at: string,
): DirectiveSet {
  if (props.command) checkWords(props.command, 'command', at);
  checkWords(props.args, 'args', at);
  const stop = parseDuration(props.stopTimeout, `${at}.stopTimeout`);
  set
    .prop('name', 'Container', { ContainerName: name })
    .prop(props.command ? 'command' : 'args', 'Container', podmanCommand(props.command, props.args))
    .prop('workingDirectory', 'Container', { WorkingDir: absolutePath(props.workingDirectory, 'workingDirectory', at) })
    .prop('user', 'Container', { User: props.user })
    .prop('environment', 'Container', { Environment: environmentOf(props.environment, at) })
    .prop('environmentFiles', 'Container', { EnvironmentFile: environmentPaths(props, at) })
    .prop('volumes', 'Container', { Volume: volumes.length > 0 ? volumes.map(volumeText) : undefined })
    .prop('capabilities', 'Container', capabilities(props.capabilities))
    .prop('readOnlyRoot', 'Container', { ReadOnly: props.readOnlyRoot })
    .defaults('Container', { NoNewPrivileges: true })
    .prop('stopTimeout', 'Container', { StopTimeout: stop === undefined ? undefined : Math.ceil(stop) })
    .defaults('Service', { TimeoutStartSec: `${START_TIMEOUT_MIN}min` });
  networkDirectives(set, props, ports);
  healthDirectives(set, props.health, healthRuntime(name, props.rootless), at);
  const { stopTimeout: _, ...common } = props;
  if (stop !== undefined) set.prop('stopTimeout', 'Service', { TimeoutStopSec: Math.ceil(stop) + STOP_MARGIN_SEC });
  return commonDirectives(set, name, common, at);
}

// A user may enter no network namespace but out of the user namespace that it belongs to.
function healthRuntime(name: string, user: User | undefined): HealthRuntime {
  const enter = `exec ${user ? 'podman unshare ' : ''}nsenter --net --target "$(podman inspect --format "{{.State.Pid}}" "$0")" "$@"`;
  return {
    network: ['bash', '-c', enter, name],
    // Each attempt would be an event in the unit's log, and hide what the service says.
    inside: ['podman', '--events-backend=none', 'exec', name],
    startSec: START_TIMEOUT_MIN * 60,
    notify: { section: 'Container', directives: { Notify: true } },
  };
}

/** In a path of the host, which Quadlet copies to RequiresMountsFor= as it would not be read there. */
const LOST_BY_QUADLET = /[\s"'\\$]/;

function volumeText({ source, target, readOnly, at }: Volume): string {
  if (`${source}${target}`.includes(':'))
    fail({
      action: 'mount',
      value: { source, target },
      problem: 'podman has no way to write a colon in a path',
      expected: 'paths without; SystemdService and NspawnMachine take them',
      at,
    });
  // Behind an option, Quadlet keeps what else it would take for the end of the line.
  const option = readOnly ? ':ro' : /[\s\\]$/.test(target) ? ':rw' : '';
  return `${source}:${target}${option}`;
}

function capabilities(list: readonly string[] | undefined): object {
  if (list === undefined) return {};
  return { DropCapability: 'all', ...(list.length > 0 ? { AddCapability: list } : {}) };
}
