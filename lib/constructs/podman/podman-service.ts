import type { Construct } from 'constructs';
import type { Capability, ContainerSection, Open, Signal } from '../../directives/index';
import { type ObjectPart, objectKey, type Requirement } from '../../manifest/index';
import type { StatedClaim } from '../host/hosted-service';
import { NetworkAccess, type NetworkFile } from '../network/network-access';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import { NetworkedWorkload } from '../network/networked-workload';
import { fail } from '../problem';
import type { Asset } from '../props/assets';
import { checkWords, programOf } from '../props/command';
import { userIfKnown } from '../props/container-image';
import { ENGINE_CONTAINER_PROPS, type EngineContainerProps } from '../props/container-props';
import { checkSections, DirectiveSet } from '../props/directive-set';
import type { EnvironmentFilesProps } from '../props/environment';
import { type HealthRuntime, healthDirectives, healthPrograms } from '../props/health';
import { Image } from '../props/image';
import { ociArchive } from '../props/image-file';
import { propsOfClass } from '../props/known-props';
import { type ImageConfig, ofArchitecture } from '../props/oci-archive';
import { absolutePath } from '../props/paths';
import { type Port, parsePorts } from '../props/ports';
import { parseDuration } from '../props/quantities';
import { checkReference } from '../props/reference';
import { triggersOf, type Use } from '../props/used';
import { parseVolumes, type Volume } from '../props/volumes';
import type { MountedSecrets, SecretsProps } from '../service/given-secrets';
import { numericOwner } from '../service/host-paths';
import type { Ordering, Parts, Service } from '../service/service';
import { unitDirectives } from '../service/unit-directives';
import { checkSlice, JOB_PROPS, type JobProps, UNIT_PROPS, type UnitProps } from '../service/unit-props';
import { checkUser, type User } from '../user/user';
import { PodmanBuild } from './podman-build';
import { podmanCommand } from './podman-command';
import { environmentDirectives, refuseSecrets } from './podman-environment';
import { PodmanImage } from './podman-image';
import type { PodmanNetwork } from './podman-network';
import { hasNameServers, listensOn, networkMounts } from './podman-network-directives';
import { networkDirectives, networkResources } from './podman-networking';
import type { PodmanPod } from './podman-pod';
import { checkResource, type PodmanResource, QUADLET } from './podman-resource';
import { type PodmanPull, settingDirectives } from './podman-settings';
import { PODMAN_VOLUME, PodmanVolume } from './podman-volume';
import {
  bootTarget,
  type QuadletDirectives,
  type QuadletProps,
  quadletDirectory,
  quadletOrder,
  quadletSections,
} from './quadlet';
import type { RootlessProps } from './rootless';

export interface PodmanServiceProps
  extends UnitProps,
    JobProps,
    EnvironmentFilesProps,
    SecretsProps,
    RootlessProps,
    NetworkedProps,
    EngineContainerProps,
    QuadletProps<'Container', ContainerSection> {
  /**
   * The image of the container. With a full reference (`docker.io/library/caddy:2`, or {@link Image.oci}), the host
   * pulls the image if it does not have it. Any other {@link Image} is sent to the host. A {@link PodmanImage} is
   * pulled by the host beforehand, a {@link PodmanBuild} is built there. Becomes Image=.
   */
  readonly image: string | Image | PodmanImage | PodmanBuild;
  /**
   * When podman pulls the image at a start: `'missing'` if the host does not have it, `'always'`, `'newer'` if the
   * registry has a newer one, or `'never'`. Becomes Pull=.
   * @default 'missing'; 'never' for an {@link Image} that is sent to the host, and then nothing else is possible
   * @see podman-run(1)
   */
  readonly pull?: PodmanPull;
  /**
   * Program to run instead of the image's ENTRYPOINT and CMD, then its arguments. There is no shell, and nothing in an
   * argument is expanded. Becomes Entrypoint= and Exec=.
   * @default - ENTRYPOINT and CMD of the image
   */
  readonly command?: readonly string[];
  /**
   * Arguments for the image's ENTRYPOINT, instead of the image's CMD. With `command`, they are appended to it. Becomes
   * Exec=.
   * @default - CMD of the image; none with `command`
   */
  readonly args?: readonly string[];
  /**
   * Podman networks of the same host that the container joins. Containers on a network reach each other by their names
   * on the host. To join a {@link Network} of services of every runtime, use `network`. Becomes Network=.
   * @default - podman's default network, which resolves no names
   */
  readonly networks?: readonly PodmanNetwork[];
  /**
   * Pod of the same host that the container belongs to. Set ports and network on the pod. Becomes Pod=.
   * @default - none
   */
  readonly pod?: PodmanPod;
  /**
   * User inside the container: a name, a number, or `user:group`. Becomes User=.
   * @default - the user of the image
   */
  readonly user?: string;
  /**
   * All capabilities of the container, such as `['CAP_NET_RAW']`. `[]` means none. Becomes DropCapability=all and
   * AddCapability=.
   * @default - podman's default capabilities, which most images expect
   * @see capabilities(7)
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Mounts the image read-only. The container can still write to /tmp, /run, /var/tmp and its volumes. Becomes
   * ReadOnly=.
   * @default false
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Signal that asks the program to stop, such as `'SIGINT'`. Becomes StopSignal=.
   * @default - the stop signal of the image, or SIGTERM
   */
  readonly stopSignal?: Open<Signal>;
}

const PROPS = propsOfClass<PodmanServiceProps>('PodmanService', {
  ...UNIT_PROPS,
  ...JOB_PROPS,
  ...NETWORKED_PROPS,
  ...ENGINE_CONTAINER_PROPS,
  rootless: true,
  environmentFiles: 'list',
  secrets: 'list',
  image: true,
  pull: true,
  command: 'list',
  args: 'list',
  networks: 'list',
  pod: true,
  user: true,
  capabilities: 'list',
  readOnlyRoot: true,
  stopSignal: true,
  directives: true,
});

const SECTIONS = quadletSections('Container');

// A start includes pulling the image, which can take longer than systemd's 90 s.
const START_TIMEOUT_MIN = 15;

// podman kills the container after its own timeout. systemd must wait longer than that.
const STOP_MARGIN_SEC = 15;

/**
 * A container that podman runs under systemd, written as a Quadlet file. Its processes can't gain privileges
 * (NoNewPrivileges=).
 *
 * On the host: /etc/containers/systemd/NAME.container, from which systemd generates NAME.service.
 * @see podman-systemd.unit(5)
 */
export class PodmanService extends NetworkedWorkload<QuadletDirectives<'Container', ContainerSection>> {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly rootless: User | undefined;
  override readonly ports: readonly Port[];
  override readonly assets: readonly Asset[];
  protected readonly access: NetworkAccess;
  private readonly directives: DirectiveSet;
  private readonly images: Readonly<Record<string, ObjectPart>>;
  private readonly networkFiles: readonly NetworkFile[];
  private readonly mounted: readonly string[];
  private readonly used: readonly Use[];
  private readonly programs: Readonly<Record<string, Requirement>>;
  private readonly resources: readonly PodmanResource[];
  protected readonly environmentSection = 'Container' as const;

  constructor(scope: Construct, id: string, props: PodmanServiceProps) {
    super(scope, id, 'podman', props, PROPS);
    this.rootless = this.require(checkUser(props.rootless, this));
    this.require(checkSlice(props.slice, this));
    const at = this.node.path;
    this.unitName = `${this.serviceName}.service`;
    this.ports = parsePorts(props.ports, at);
    const networks = networkResources(this, props, this.ports);
    this.access = new NetworkAccess(this, props, this.ports);
    this.require(this.access.network);
    const volumes = parseVolumes(props.volumes, at, { kind: PODMAN_VOLUME, options: true });
    this.networkFiles = this.access.files(volumes, hasNameServers(props.directives?.Container));
    this.mounted = volumes.map(({ source }) => source).filter((source) => LOST_BY_QUADLET.test(source));
    const read = this.reads(volumes, props, numericOwner(props.user));
    this.resources = [
      ...volumes.filter(isPodmanVolume).map(({ from, at }) => checkResource(from, PodmanVolume, this, at)),
      ...networks,
      ...imageResources(this, props.image),
    ];
    for (const resource of this.resources) this.require(resource);
    this.used = [...read, ...this.resources];
    const { reference, part, asset, config } = imageOf(this.serviceName, props.image, `${at}.image`);
    if (config) programOf(props, config, at);
    this.assets = asset ? [asset] : [];
    this.images = part ? { [objectKey('podman-image', reference)]: part } : {};
    this.programs = healthPrograms(props.health, 'nsenter');
    checkSections(props.directives, SECTIONS, at);
    const set = new DirectiveSet(at).prop('image', 'Container', {
      Image: reference,
      Pull: part ? 'never' : undefined,
    });
    if (this.rootless) refuseSecrets(props, at);
    const reader = userIfKnown(props.image, config, props.user, `${at}.user`);
    const secrets = this.mountSecrets(props, reader, props.environment);
    // The copy that it has is for this container alone.
    const labelled = secrets.volumes.map((secret): Volume => ({ ...secret, options: ['Z'] }));
    this.directives = toDirectives(set, this, props, this.access, [...volumes, ...labelled], secrets)
      .defaults('Install', { WantedBy: bootTarget(this.rootless) })
      .byHand(props.directives);
    checkSharedNetwork(this.directives.get('Container', 'Network'), at);
    this.complete();
  }

  /** @internal */
  override get claims(): readonly StatedClaim[] {
    const of = this.rootless ? ` of ${this.rootless.serviceName}` : '';
    return [...super.claims, { claim: `podman-container ${this.serviceName}${of}`, prop: 'name' }];
  }

  protected override get listensOn(): '*' | '0.0.0.0' {
    return this.access.mode === undefined ? listensOn(this) : '*';
  }

  protected override get sections() {
    return this.directives.bySection(SECTIONS);
  }

  protected override parts(ordering: Ordering): Parts {
    const path = `${quadletDirectory(this.rootless)}/${this.serviceName}.container`;
    const order = quadletOrder(ordering, this.rootless, this.resources);
    const added = { ...order, RequiresMountsFor: this.mounted };
    const parts: Parts = {
      natives: { [path]: { format: 'quadlet', sections: this.directives.file(SECTIONS, added) } },
      objects: this.images,
      requires: { podman: QUADLET, ...this.programs, ...(this.rootless ? cgroup(this.directives) : {}) },
      units: {
        [this.unitName]: {
          state: 'active',
          restartOn: [path, ...Object.keys(this.images)],
          ...triggersOf(this.used),
        },
      },
    };
    return this.access.withParts(parts, networkMounts(path, 'Container', this.networkFiles));
  }
}

// With the name of a container, podman joins whichever container has that name at the moment. systemd would neither
// order the two units nor restart one with the other.
function checkSharedNetwork(network: unknown, at: string): void {
  for (const value of [network].flat()) {
    const name = /^container:([^:]+)$/.exec(String(value))?.[1];
    if (typeof value !== 'string' || name === undefined) continue;
    fail({
      action: 'share the network',
      value,
      problem: 'this container would not start and restart with the other container',
      expected: `"${name}.container", which lets Quadlet order the two, and that PodmanService in dependsOn`,
      at: `${at}.directives.Container.Network`,
    });
  }
}

// Without cgroup v2, a user can neither set limits nor create a control group for a container.
function cgroup(directives: DirectiveSet): Record<string, Requirement> {
  const limits = ['MemoryMax', 'CPUQuota', 'TasksMax'].some((key) => directives.get('Service', key) !== undefined);
  if (limits) return { cgroup: { least: '2', why: 'for limits without root' } };
  if (directives.get('Container', 'CgroupsMode') === 'disabled') return {};
  return {
    cgroup: { least: '2', why: 'for containers without root, unless directives set CgroupsMode= to disabled' },
  };
}

function imageResources(user: Service, image: PodmanServiceProps['image']): PodmanResource[] {
  const at = `${user.node.path}.image`;
  if (image instanceof PodmanImage) return [checkResource(image, PodmanImage, user, at)];
  return image instanceof PodmanBuild ? [checkResource(image, PodmanBuild, user, at)] : [];
}

interface ContainerImage {
  readonly reference: string;
  readonly part?: ObjectPart;
  readonly asset?: Asset;
  readonly config?: ImageConfig;
}

function imageOf(name: string, image: PodmanServiceProps['image'], at: string): ContainerImage {
  if (image instanceof PodmanImage || image instanceof PodmanBuild) return { reference: image.usedAs };
  if (typeof image === 'string') return { reference: checkReference(image, at) };
  const { source, format } = Image.check(image, ['oci', 'oci-archive', 'tar', 'directory', 'debian'], at);
  if (format === 'oci') return { reference: source };
  const { asset, read } = ociArchive(image, at);
  const reference = `localhost/${name.toLowerCase()}:${asset.digest.slice(0, 12)}`;
  const { config } = read;
  const { id, architecture } = config;
  const spec = { id, ...ofArchitecture(architecture) };
  return { reference, asset, config, part: { asset: asset.digest, spec } };
}

function toDirectives(
  set: DirectiveSet,
  { serviceName: name, ports, node: { path: at } }: PodmanService,
  props: PodmanServiceProps,
  access: NetworkAccess,
  volumes: readonly Volume[],
  secrets: MountedSecrets,
): DirectiveSet {
  if (props.command) checkWords(props.command, 'command', at);
  checkWords(props.args, 'args', at);
  const stop = parseDuration(props.stopTimeout, `${at}.stopTimeout`);
  set
    .prop('name', 'Container', { ContainerName: name })
    .prop(props.command ? 'command' : 'args', 'Container', podmanCommand(props.command, props.args))
    .prop('workingDirectory', 'Container', { WorkingDir: absolutePath(props.workingDirectory, 'workingDirectory', at) })
    .prop('user', 'Container', { User: props.user });
  environmentDirectives(set, props, secrets, at);
  set
    .prop('volumes', 'Container', { Volume: volumes.length > 0 ? volumes.map(volumeText) : undefined })
    .prop('capabilities', 'Container', capabilities(props.capabilities))
    .prop('readOnlyRoot', 'Container', { ReadOnly: props.readOnlyRoot })
    .prop('stopSignal', 'Container', { StopSignal: props.stopSignal })
    .defaults('Unit', access.unit)
    .defaults('Container', { NoNewPrivileges: true })
    .prop('stopTimeout', 'Container', { StopTimeout: stop === undefined ? undefined : Math.ceil(stop) })
    .defaults('Service', { TimeoutStartSec: `${START_TIMEOUT_MIN}min` });
  settingDirectives(set, props, at);
  networkDirectives(set, props, access, ports);
  healthDirectives(set, props.health, healthRuntime(name, props.rootless), at);
  const { stopTimeout: _, ...common } = props;
  if (stop !== undefined) set.prop('stopTimeout', 'Service', { TimeoutStopSec: Math.ceil(stop) + STOP_MARGIN_SEC });
  return unitDirectives(set, name, common, at);
}

// A user can enter a network namespace only from the user namespace that owns it.
function healthRuntime(name: string, user: User | undefined): HealthRuntime {
  const enter = `exec ${user ? 'podman unshare ' : ''}nsenter --net --target "$(podman inspect --format "{{.State.Pid}}" "$0")" "$@"`;
  return {
    network: ['bash', '-c', enter, name],
    // Each attempt would log an event in the unit's log, and hide the log of the service.
    inside: ['podman', '--events-backend=none', 'exec', name],
    startSec: START_TIMEOUT_MIN * 60,
    notify: { section: 'Container', directives: { Notify: true } },
  };
}

function isPodmanVolume({ from }: Volume): boolean {
  return from?.mountKind === PODMAN_VOLUME;
}

/** Characters in a path that Quadlet does not escape when it copies the path to RequiresMountsFor=. */
const LOST_BY_QUADLET = /[\s"'\\$]/;

function volumeText({ source, target, readOnly, options, at }: Volume): string {
  if (`${source}${target}`.includes(':'))
    fail({
      action: 'mount',
      value: { source, target },
      problem: "podman can't express a colon in a path",
      expected: 'a path without colons, or a SystemdService or NspawnMachine, which accept them',
      at,
    });
  // Without an option after it, Quadlet would drop white space or a backslash at the end of the line.
  const access = readOnly ? ['ro'] : /[\s\\]$/.test(target) ? ['rw'] : [];
  const words = [...access, ...options];
  return [source, target, ...(words.length > 0 ? [words.join(',')] : [])].join(':');
}

function capabilities(list: readonly string[] | undefined): object {
  if (list === undefined) return {};
  return { DropCapability: 'all', ...(list.length > 0 ? { AddCapability: list } : {}) };
}
