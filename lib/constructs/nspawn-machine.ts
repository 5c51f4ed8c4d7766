import type { Construct } from 'constructs';
import {
  type Capability,
  type InstallSection,
  type NspawnExecSection,
  type NspawnFilesSection,
  type NspawnNetworkSection,
  type Open,
  type ServiceSection,
  type Signal,
  tuple,
  type UnitSection,
} from '../directives';
import type { ImagePart } from '../manifest';
import { type Asset, assetOf } from './assets';
import {
  absolutePath,
  checkSections,
  checkWords,
  commonDirectives,
  environmentOf,
  filesRead,
  triggersOf,
} from './common-directives';
import type { ConfigSource } from './config-source';
import { DirectiveSet } from './directive-set';
import { type HealthRuntime, healthDirectives, healthPrograms } from './health';
import { Image } from './image';
import type { KnownProps } from './known-props';
import { machineCapabilities } from './machine-capabilities';
import { type MachineNetwork, machineNetwork, networkUnit } from './machine-network';
import { checkMachinePort, portPrograms, portUnits } from './machine-ports';
import { machineUnit } from './machine-unit';
import { type ImageConfig, readImageConfig } from './oci-archive';
import { checkRemovalPolicy, type RemovalPolicy } from './podman-volume';
import { type Port, parsePort } from './ports';
import { checkEither, fail } from './problem';
import type { NativeFile, Ordering, Parts } from './service';
import { SERVICE_PROPS, type ServiceProps } from './service-props';
import { checkSlice } from './systemd-slice';
import { parseVolume, type Volume } from './volumes';
import { Workload } from './workload';

export interface NspawnMachineProps extends ServiceProps {
  /**
   * What it runs in: {@link Image.tar} or {@link Image.ociArchive}, unpacked on the host to /var/lib/machines/NAME. A new
   * image replaces all of that; what must outlive it belongs in a volume.
   * @default - `root` is used
   */
  readonly image?: Image;
  /**
   * A directory of the host to run in, used in place and never removed.
   * @default - `image` is used
   */
  readonly root?: string;
  /**
   * The program, by its path in the machine, and its arguments, each a word that arrives as it is. It is process 1, as
   * in every container: it must handle the signal to stop, or is killed after `stopTimeout`. Parameters=
   * @default - what an OCI image says; without, the machine boots its own init (Boot=yes)
   */
  readonly command?: readonly string[];
  /**
   * Further arguments, after those of `command`; for an OCI image without `command`, instead of its CMD.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * User inside of the machine to run as. For another than root the machine must have `getent`. User=
   * @default - root, which is nobody outside; or what an OCI image says
   */
  readonly user?: string;
  /**
   * Address of the machine, one of the host's `subnet`.
   * @default - the same for its name every time
   */
  readonly address?: string;
  /**
   * Exactly the capabilities that its processes may hold; `[]` is none. Capability=, DropCapability=
   * @default - those that nspawn gives every machine
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Device nodes of the host that it may use, such as `/dev/fuse`. Unless `privateUsers` is off, only those that everyone
   * on the host may use: to their owner and group its users are strangers. Bind=, DeviceAllow=
   * @default - /dev/net/tun and those that hold no data: null, zero, random, tty, ...
   */
  readonly devices?: readonly string[];
  /**
   * Mounts the root read-only. ReadOnly=
   * @default false
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Runs in a copy of the root that is gone once it stops: what it wrote outside of its volumes does not outlive it. The
   * copy is made at each start; only on btrfs and xfs does that take no time and no space. Ephemeral=
   * @default false
   */
  readonly ephemeral?: boolean;
  /**
   * What becomes of a root that was made from `image` when the machine leaves the stack, gets another name or host, or is
   * destroyed: `destroy` removes it with all that was written into it, which a plan calls data loss; `retain` leaves it on
   * the host, where a machine of that name finds it again and keeps it, whatever its image by then. A `root` of your own
   * is never removed, nor is what lies in `volumes`.
   * @default - `destroy` for a machine that leaves the stack or is destroyed; a plan that would replace it is refused
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Gives it a range of user IDs of its own, so that its root is nobody on the host. Needs a file system that can map
   * owners (ext4, xfs, btrfs and tmpfs can, overlayfs can't) below the root and the volumes. PrivateUsers=pick
   * @default true
   */
  readonly privateUsers?: boolean;
  /**
   * Signal that asks its process 1 to stop. KillSignal=
   * @default - what an OCI image says; else SIGTERM for a program, and SIGRTMIN+3, which inits expect
   */
  readonly stopSignal?: Open<Signal>;
  /**
   * Any directive of the .nspawn file (`Exec`, `Files`, `Network`) or of the unit that runs it (`Unit`, `Service`,
   * `Install`), under its own name. It replaces a default of this class; one that a prop sets as well is refused.
   * @see systemd.nspawn(5), systemd.service(5)
   */
  readonly directives?: {
    readonly Exec?: NspawnExecSection;
    readonly Files?: NspawnFilesSection;
    readonly Network?: NspawnNetworkSection;
    readonly Unit?: UnitSection;
    readonly Service?: ServiceSection;
    readonly Install?: InstallSection;
  };
}

const PROPS: KnownProps<NspawnMachineProps> = {
  ...SERVICE_PROPS,
  image: true,
  root: true,
  command: 'list',
  args: 'list',
  user: true,
  address: true,
  capabilities: 'list',
  devices: 'list',
  readOnlyRoot: true,
  ephemeral: true,
  removalPolicy: true,
  privateUsers: true,
  stopSignal: true,
  directives: true,
};

const NSPAWN_SECTIONS = ['Exec', 'Files', 'Network'];
const UNIT_SECTIONS = ['Unit', 'Service', 'Install'];

/**
 * A machine that systemd-nspawn runs: a root file system with one program in it, or with an init of its own. It has its
 * own users, processes and network address. It reaches the host, at 169.254.1.1, and the host's other machines, and
 * nothing beyond.
 *
 * On the host: /etc/systemd/nspawn/NAME.nspawn and NAME.service, NAME-network.service for its network, for each port
 * NAME-PORT.socket with a proxy, and for each UDP port NAME-PORT-udp.service. That hands on each datagram by itself, and
 * what is answered within five seconds: it is for requests such as those of DNS, NTP or syslog, up to some 200 a
 * second, not for sessions such as those of QUIC. The machine sees the host, at 169.254.1.1, as the peer of all.
 */
export class NspawnMachine extends Workload {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  /** Its address on the host's network, such as `10.77.12.34`. */
  override readonly address: string;
  override readonly ports: readonly Port[];
  override readonly assets: readonly Asset[];
  private readonly directives: DirectiveSet;
  private readonly images: Readonly<Record<string, ImagePart>>;
  private readonly network: MachineNetwork;
  private readonly read: readonly ConfigSource[];
  private readonly programs: Readonly<Record<string, string>>;
  protected readonly environmentSection = 'Exec' as const;

  constructor(scope: Construct, id: string, props: NspawnMachineProps) {
    super(scope, id, 'nspawn', props, PROPS);
    if (props.slice) this.require(checkSlice(props.slice, this));
    const at = this.node.path;
    const name = this.serviceName;
    checkMachineName(name, at);
    this.unitName = `${name}.service`;
    const { addresses } = this.host;
    this.address = props.address === undefined ? addresses.assign(name, at) : addresses.claim(props.address, at);
    this.network = machineNetwork(name, this.address, addresses.subnet);
    this.ports = (props.ports ?? []).map((port, index) =>
      checkMachinePort(parsePort(port, `${at}.ports[${index}]`), port),
    );
    const volumes = (props.volumes ?? []).map((volume, index) => parseVolume(volume, `${at}.volumes[${index}]`));
    this.read = filesRead(volumes);
    for (const file of this.read) this.require(file);
    const image = imageOf(name, props, at);
    this.assets = image?.asset ? [image.asset] : [];
    this.images = image ? { [image.directory]: image.part } : {};
    this.programs = healthPrograms(props.health, 'nsenter');
    checkSections(props.directives, [...NSPAWN_SECTIONS, ...UNIT_SECTIONS], at);
    const set = new DirectiveSet(at);
    runDirectives(set, props, image?.config, at);
    nspawnDirectives(set, props, volumes, at);
    const { root, ephemeral = false, devices = [] } = props;
    const stopSignal = props.stopSignal ?? image?.config?.stopSignal;
    machineUnit(set, { name, root, ephemeral, devices, stopSignal, network: this.network });
    healthDirectives(set, props.health, healthRuntime(name), at);
    this.directives = commonDirectives(set, name, props, at).byHand(props.directives);
    this.check();
  }

  protected override get sections() {
    return this.directives.bySection([...NSPAWN_SECTIONS, ...UNIT_SECTIONS]);
  }

  protected override parts(ordering: Ordering): Parts {
    const nspawn = `/etc/systemd/nspawn/${this.serviceName}.nspawn`;
    const unit = `/etc/systemd/system/${this.unitName}`;
    const network = `/etc/systemd/system/${this.network.unitName}`;
    const published = portUnits(this.serviceName, this.ports, this.network);
    const networkSections = { ...networkUnit(this.serviceName, this.network) } as NativeFile['sections'];
    return {
      natives: {
        [network]: { format: 'unit', sections: networkSections },
        [nspawn]: { format: 'nspawn', sections: this.directives.file(NSPAWN_SECTIONS) },
        [unit]: { format: 'unit', sections: this.directives.file(UNIT_SECTIONS, ordering) },
        ...published.natives,
      },
      images: this.images,
      objects: { [`link:${this.network.link}`]: { unit: this.network.unitName } },
      requires: {
        'systemd-nspawn': 'for the machine',
        ip: 'for its network',
        sysctl: 'for its network',
        ...portPrograms(this.ports),
        ...this.programs,
      },
      units: {
        [this.network.unitName]: { state: 'active', restartOn: [network] },
        [this.unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [unit, nspawn, ...Object.keys(this.images)],
          ...triggersOf(this.read),
        },
        ...published.units,
      },
    };
  }
}

// The machine's name is its hostname, too.
function checkMachineName(name: string, at: string): void {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name) || name.includes('..') || name.length > 64)
    fail({
      action: 'name a machine',
      value: name,
      problem: 'is no hostname',
      expected: 'letters, digits, "-" and ".", at most 64; the name prop sets another',
      at,
    });
}

interface MachineImage {
  readonly directory: string;
  readonly part: ImagePart;
  readonly asset: Asset;
  readonly config: ImageConfig | undefined;
}

function imageOf(
  name: string,
  { image, root, removalPolicy: policy }: NspawnMachineProps,
  at: string,
): MachineImage | undefined {
  checkEither('run a machine from', { image: image?.path ?? image, root }, at);
  const retain = policy === undefined ? undefined : checkRemovalPolicy(policy, at) === 'retain';
  if (image === undefined) {
    if (policy !== undefined)
      fail({
        action: 'set removalPolicy to',
        value: policy,
        problem: 'the root is your own, which nothing removes',
        expected: 'none, or an image',
        at: `${at}.removalPolicy`,
      });
    return undefined;
  }
  const { path, format } = Image.check(image, ['tar', 'oci-archive'], `${at}.image`);
  const asset = assetOf(path, 'run image', `${at}.image`);
  const config = format === 'oci-archive' ? readImageConfig(path, `${at}.image`) : undefined;
  const part: ImagePart = {
    store: 'machines',
    format,
    asset: asset.digest,
    ...(config ? { id: config.id } : {}),
    ...(retain === undefined ? {} : { retain }),
  };
  return { directory: `/var/lib/machines/${name}`, part, asset, config };
}

function runDirectives(set: DirectiveSet, props: NspawnMachineProps, image: ImageConfig | undefined, at: string): void {
  if (props.command) checkWords(props.command, 'command', at);
  checkWords(props.args, 'args', at);
  const ofImage = [...(image?.entrypoint ?? []), ...(props.args ? [] : (image?.command ?? []))];
  const command = [...(props.command ?? ofImage), ...(props.args ?? [])];
  const environment = environmentOf({ ...image?.environment, ...props.environment }, at);
  const user = image?.user && !/^(?:root|0)(?::|$)/.test(image.user) ? image.user : undefined;
  const directory = absolutePath(props.workingDirectory, 'workingDirectory', at);
  const program = command.length > 0;
  const run = { Boot: !program, Parameters: program ? command : undefined };
  if (props.command || props.args) set.prop(props.command ? 'command' : 'args', 'Exec', run);
  set
    .defaults('Exec', {
      ...run,
      // Without, nspawn kills a program at once. With ProcessTwo= its init sends SIGHUP right after SIGTERM.
      KillSignal: program ? (image?.stopSignal ?? 'SIGTERM') : undefined,
      User: user,
      WorkingDirectory: image?.workingDirectory,
    })
    // Process 1 gets no signal that it does not handle, so that many a program only waits for this to end.
    .defaults('Service', { TimeoutStopSec: program ? 30 : undefined })
    .prop('stopSignal', 'Exec', { KillSignal: props.stopSignal })
    .prop('user', 'Exec', { User: props.user })
    .prop('workingDirectory', 'Exec', { WorkingDirectory: directory })
    .prop('environment', 'Exec', { Environment: environment });
}

function nspawnDirectives(set: DirectiveSet, props: NspawnMachineProps, volumes: readonly Volume[], at: string): void {
  absolutePath(props.root, 'root', at);
  const { privateUsers = true } = props;
  const devices = (props.devices ?? []).map((device, index) => checkDevice(device, `${at}.devices[${index}]`));
  const written = volumes.filter(({ readOnly }) => !readOnly);
  const bound = [...(binds(written, privateUsers) ?? []), ...devices.map((device) => tuple(device))];
  set
    .prop('capabilities', 'Exec', machineCapabilities(props.capabilities))
    .prop('privateUsers', 'Exec', { PrivateUsers: privateUsers ? 'pick' : false })
    // Both would write into the root.
    .defaults('Exec', { ResolvConf: 'off', Timezone: 'off' })
    // A directory of the user's own must not have its owners changed, which is what auto may do.
    .defaults('Files', { PrivateUsersOwnership: !privateUsers ? undefined : props.root === undefined ? 'auto' : 'map' })
    .prop('readOnlyRoot', 'Files', { ReadOnly: props.readOnlyRoot })
    .prop('ephemeral', 'Exec', { Ephemeral: props.ephemeral })
    .prop(devices.length > 0 ? 'devices' : 'volumes', 'Files', { Bind: bound.length > 0 ? bound : undefined })
    .prop('volumes', 'Files', {
      BindReadOnly: binds(
        volumes.filter(({ readOnly }) => readOnly),
        privateUsers,
      ),
    });
}

function checkDevice(device: string, at: string): string {
  if (typeof device === 'string' && /^\/dev\/(?!.*(?:\/\/|\/\.\.?(?:\/|$)))[^\s:]*[^\s:/]$/.test(device)) return device;
  return fail({
    action: 'give access to',
    value: device,
    problem: 'is no device node',
    expected: 'a path such as /dev/fuse',
    at,
  });
}

// With users of its own, a machine sees its volumes with the owners that they have on the host only when they are mapped.
function binds(volumes: readonly Volume[], mapped: boolean): string[] | undefined {
  if (volumes.length === 0) return undefined;
  return volumes.map(({ source, target, file }) => tuple(source, target, ...(mapped && !file ? ['idmap'] : [])));
}

// The unit's processes are in the machine's network already.
function healthRuntime(name: string): HealthRuntime {
  const enter = 'exec nsenter --all --target "$(machinectl show --property=Leader --value "$0")" "$@"';
  return {
    network: [],
    inside: ['bash', '-c', enter, name],
    notify: { section: 'Exec', directives: { NotifyReady: true } },
  };
}
