import type { Construct } from 'constructs';
import {
  type Capability,
  type NspawnExecSection,
  type NspawnFilesSection,
  type NspawnNetworkSection,
  type Open,
  type Signal,
  tuple,
} from '../../directives/index';
import { type ObjectPart, objectKey, type Requirement } from '../../manifest/index';
import type { StatedClaim } from '../host/hosted-service';
import { NetworkAccess, type NetworkFile } from '../network/network-access';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import { NetworkedWorkload } from '../network/networked-workload';
import { checkEither, fail } from '../problem';
import type { Asset } from '../props/assets';
import { checkPulledCommand, checkWords } from '../props/command';
import { checkDevice } from '../props/devices';
import { checkSections, DirectiveSet } from '../props/directive-set';
import { environmentOf } from '../props/environment';
import { type HealthRuntime, healthDirectives, healthPrograms } from '../props/health';
import type { Image } from '../props/image';
import { type ImageRoot, imageRoot } from '../props/image-root';
import { propsOfClass } from '../props/known-props';
import type { ImageConfig } from '../props/oci-archive';
import { absolutePath } from '../props/paths';
import { type Port, parsePorts } from '../props/ports';
import { checkRemovalPolicy, type RemovalPolicy } from '../props/removal-policy';
import { isStoredImage, type StoredImage } from '../props/stored-image';
import { type MountSource, triggersOf, type Used } from '../props/used';
import { parseVolumes, sourcesRead, type Volume } from '../props/volumes';
import { checkMachineName } from '../service/machined';
import type { NativeFile, Ordering, Parts } from '../service/service';
import { unitDirectives } from '../service/unit-directives';
import { checkSlice, JOB_PROPS, type JobProps, UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';
import { machineCapabilities } from './machine-capabilities';
import { machineUnit } from './machine-unit';

/** Sections of the .nspawn file and of the unit that runs it. */
type MachineDirectives = WorkloadDirectives & {
  readonly Exec?: NspawnExecSection;
  readonly Files?: NspawnFilesSection;
  readonly Network?: NspawnNetworkSection;
};

export interface NspawnMachineProps extends UnitProps, JobProps, NetworkedProps {
  /**
   * What it runs in: any {@link Image}, of which the host keeps one root in /var/lib/bulkhead/images for all that run it,
   * and the machine a copy of its own in /var/lib/machines/NAME. On btrfs and xfs the copy takes no space. A new image
   * replaces all of it; what must outlive it belongs in a volume. Of an {@link Image.oci} what it says of how to run it is
   * not known at synthesis, so that it needs `command`, or `directives: { Exec: { Boot: true } }`. Or a
   * {@link MachineImage}, run in place: a read-only one by any number of machines, each with `readOnlyRoot` or
   * `ephemeral`.
   * @default - `root` is used
   */
  readonly image?: Image | StoredImage;
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
   * @default - `destroy` for a machine that leaves the stack or is destroyed, and with `readOnlyRoot` or `ephemeral`;
   * otherwise a plan that would replace it is refused
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
  readonly directives?: MachineDirectives;
}

const PROPS = propsOfClass<NspawnMachineProps>('NspawnMachine', {
  ...UNIT_PROPS,
  ...JOB_PROPS,
  ...NETWORKED_PROPS,
  image: true,
  root: true,
  command: 'list',
  args: 'list',
  user: true,
  capabilities: 'list',
  devices: 'list',
  readOnlyRoot: true,
  ephemeral: true,
  removalPolicy: true,
  privateUsers: true,
  stopSignal: true,
  directives: true,
});

const NSPAWN_SECTIONS = ['Exec', 'Files', 'Network'];
const UNIT_SECTIONS = ['Unit', 'Service', 'Install'];

/**
 * A machine that systemd-nspawn runs: a root file system with one program in it, or with an init of its own. It has its
 * own users, processes and network address: it is on `host.network` unless its `network` is another one.
 *
 * On the host: /etc/systemd/nspawn/NAME.nspawn and NAME.service, and NAME-network.service for its network.
 */
export class NspawnMachine extends NetworkedWorkload<MachineDirectives> {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly ports: readonly Port[];
  override readonly assets: readonly Asset[];
  private readonly directives: DirectiveSet;
  private readonly image: MachineImage | undefined;
  private readonly ofImage: NativeFile['ofImage'];
  protected readonly access: NetworkAccess;
  private readonly networkFiles: readonly NetworkFile[];
  private readonly read: readonly MountSource[];
  private readonly used: readonly Used[];
  /** An image that it writes to, which no other machine can have. */
  private readonly written: StoredImage | undefined;
  private readonly programs: Readonly<Record<string, Requirement>>;
  protected readonly environmentSection = 'Exec' as const;

  constructor(scope: Construct, id: string, props: NspawnMachineProps) {
    super(scope, id, 'nspawn', props, PROPS);
    this.require(checkSlice(props.slice, this));
    const at = this.node.path;
    const name = this.serviceName;
    checkMachineName(name, at);
    this.unitName = `${name}.service`;
    this.ports = parsePorts(props.ports, at);
    this.access = new NetworkAccess(this, props, this.ports, () => this.host.network);
    this.require(this.access.network);
    const volumes = parseVolumes(props.volumes, at);
    this.networkFiles = this.access.files(volumes, props.directives?.Exec?.ResolvConf !== undefined);
    this.read = sourcesRead(volumes).map((source) => this.require(source));
    const image = imageOf(name, props, at);
    const stored = isStoredImage(props.image) ? checkStored(this.require(props.image), props, at) : undefined;
    this.used = stored ? [...this.read, stored] : this.read;
    this.written = stored?.readOnly || props.readOnlyRoot || props.ephemeral ? undefined : stored;
    const config = image?.root.config ?? stored?.config;
    this.assets = image?.root.assets ?? [];
    this.ofImage = config?.environment;
    this.image = image;
    this.programs = healthPrograms(props.health, 'nsenter');
    checkSections(props.directives, [...NSPAWN_SECTIONS, ...UNIT_SECTIONS], at);
    const set = new DirectiveSet(at);
    runDirectives(set, props, config, at);
    nspawnDirectives(set, props, volumes, at);
    const { root, ephemeral = false, devices = [] } = props;
    const stopSignal = props.stopSignal ?? config?.stopSignal;
    machineUnit(set, { name, root, stored: stored?.usedAs, ephemeral, devices, stopSignal, access: this.access });
    healthDirectives(set, props.health, healthRuntime(name), at);
    this.directives = unitDirectives(set, name, props, at).byHand(props.directives);
    this.complete();
  }

  /** @internal */
  override get claims(): readonly StatedClaim[] {
    const { written } = this;
    return written ? [...super.claims, { claim: `root ${written.usedAs}`, prop: 'image' }] : super.claims;
  }

  protected override get sections() {
    return this.directives.bySection([...NSPAWN_SECTIONS, ...UNIT_SECTIONS]);
  }

  protected override parts(ordering: Ordering): Parts {
    const nspawn = `/etc/systemd/nspawn/${this.serviceName}.nspawn`;
    const unit = `/etc/systemd/system/${this.unitName}`;
    const { image } = this;
    const parts: Parts = {
      natives: {
        [nspawn]: { format: 'nspawn', sections: this.directives.file(NSPAWN_SECTIONS), ofImage: this.ofImage },
        [unit]: { format: 'unit', sections: this.directives.file(UNIT_SECTIONS, ordering) },
      },
      objects: image?.objects ?? {},
      requires: { 'systemd-nspawn': { why: 'for the machine' }, ...image?.root.requires, ...this.programs },
      units: {
        [this.unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [unit, nspawn, ...(image ? [image.key] : [])],
          ...triggersOf(this.used),
        },
      },
    };
    const entries = this.networkFiles.map(({ source, target }) => tuple(source, target));
    return this.access.withParts(parts, { path: nspawn, section: 'Files', key: 'BindReadOnly', entries });
  }
}

interface MachineImage {
  /** The root of the image, which machines copy. */
  readonly root: ImageRoot;
  /** Key of the copy. */
  readonly key: string;
  readonly objects: Readonly<Record<string, ObjectPart>>;
}

function imageOf(name: string, props: NspawnMachineProps, at: string): MachineImage | undefined {
  const { image, root, removalPolicy: policy, readOnlyRoot, ephemeral } = props;
  const stored = isStoredImage(image);
  checkEither('run a machine from', { image: stored ? image.node.path : (image?.source ?? image), root }, at);
  if (image && !stored && props.directives?.Exec?.Boot !== true) checkPulledCommand(image, props.command, at);
  // Nothing can be lost of a root that nothing is written into.
  const usual = readOnlyRoot || ephemeral ? false : undefined;
  const retain = policy === undefined ? usual : checkRemovalPolicy(policy, at) === 'retain';
  if (image === undefined || stored) {
    if (policy !== undefined)
      fail({
        action: 'set removalPolicy to',
        value: policy,
        problem: stored ? 'the MachineImage has one of its own' : 'the root is your own, which nothing removes',
        expected: stored ? 'removalPolicy of the MachineImage' : 'none, or an image',
        at: `${at}.removalPolicy`,
      });
    return undefined;
  }
  const of = imageRoot(image, [], `${at}.image`, { bare: true });
  const key = objectKey('machine-root', `/var/lib/machines/${name}`);
  const copy = { ...(retain === undefined ? {} : { retain }), spec: { image: of.key.replace('image-root:', '') } };
  return { root: of, key, objects: { ...of.objects, [key]: copy } };
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

// With users of its own, a machine sees its volumes with the owners that they have on the host only when they are mapped.
function binds(volumes: readonly Volume[], mapped: boolean): string[] | undefined {
  if (volumes.length === 0) return undefined;
  return volumes.map(({ source, target, from }) => tuple(source, target, ...(mapped && !from ? ['idmap'] : [])));
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

// Of a directory that nspawn can't write to, it takes a lock that others can have, too.
function checkStored(image: StoredImage, { readOnlyRoot, ephemeral }: NspawnMachineProps, at: string): StoredImage {
  const value = image.node.path;
  if (image.storedAs !== 'directory')
    fail({
      action: 'run in image',
      value,
      problem: 'is a raw disk',
      expected: 'a MachineImage of an `image`; a VirtualMachine takes raw ones',
      at: `${at}.image`,
    });
  if (image.readOnly && readOnlyRoot !== true && ephemeral !== true)
    fail({
      action: 'run in image',
      value,
      problem: 'is read-only, since machines share it',
      expected: 'readOnlyRoot: true, ephemeral: true, or new MachineImage(host, id, { clone })',
      at: `${at}.image`,
    });
  return image;
}
