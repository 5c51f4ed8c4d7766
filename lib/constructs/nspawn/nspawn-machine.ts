import type { Construct } from 'constructs';
import { NO_CONFIG } from '../../archives/image-config';
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
import { userIfKnown } from '../props/container-image';
import { COMMON_CONTAINER_PROPS, type CommonContainerProps } from '../props/container-props';
import { checkDevices } from '../props/devices';
import { checkSections, DirectiveSet } from '../props/directive-set';
import { environmentOf, type SecretPaths } from '../props/environment';
import { type HealthRuntime, healthDirectives, healthPrograms } from '../props/health';
import type { Image } from '../props/image';
import { type ImageRoot, imageRoot } from '../props/image-root';
import { propsOfClass } from '../props/known-props';
import type { ImageConfig } from '../props/oci-archive';
import { absolutePath } from '../props/paths';
import { type Port, parsePorts } from '../props/ports';
import { checkRemovalPolicy, type RemovalPolicy } from '../props/removal-policy';
import { isStoredImage, type StoredImage } from '../props/stored-image';
import { triggersOf, type Use } from '../props/used';
import { parseVolumes, type Volume } from '../props/volumes';
import type { SecretsProps } from '../service/given-secrets';
import { checkMachineName } from '../service/machined';
import type { NativeFile, Ordering, Parts } from '../service/service';
import { unitDirectives } from '../service/unit-directives';
import { checkSlice, JOB_PROPS, type JobProps, UNIT_PROPS, type UnitProps } from '../service/unit-props';
import type { WorkloadDirectives } from '../service/workload';
import { machineCapabilities } from './machine-capabilities';
import { settingDirectives } from './machine-settings';
import { machineUnit } from './machine-unit';

/** Sections of the .nspawn file and of the unit that runs the machine. */
type MachineDirectives = WorkloadDirectives & {
  readonly Exec?: NspawnExecSection;
  readonly Files?: NspawnFilesSection;
  readonly Network?: NspawnNetworkSection;
};

export interface NspawnMachineProps extends UnitProps, JobProps, NetworkedProps, SecretsProps, CommonContainerProps {
  /**
   * The image of the machine: any {@link Image}, or a {@link MachineImage}. Set either `image` or `root`.
   *
   * From an {@link Image}, the host keeps one root in /var/lib/bulkhead/images, and each machine gets its own copy in
   * /var/lib/machines/NAME. On btrfs and xfs, a copy takes no space. A new image replaces the whole copy, so put data
   * that must survive in a volume. For an {@link Image.oci}, synthesis does not know what to run. Set `command`, or
   * `directives: { Exec: { Boot: true } }`.
   *
   * A {@link MachineImage} is used in place. Any number of machines can share a read-only one, each with `readOnlyRoot`
   * or `ephemeral`.
   * @default - `root` is used
   */
  readonly image?: Image | StoredImage;
  /**
   * Absolute path of a directory on the host that the machine runs in. It is used in place and never deleted.
   * @default - `image` is used
   */
  readonly root?: string;
  /**
   * Path of the program in the machine, then its arguments. There is no shell, and nothing in an argument is expanded.
   * The program is process 1, as in every container. It must handle the stop signal, or it is killed after
   * `stopTimeout`. Becomes Parameters=.
   * @default - ENTRYPOINT and CMD of an OCI image; without them, the machine boots its own init (Boot=yes)
   */
  readonly command?: readonly string[];
  /**
   * Further arguments, appended to `command`. Without `command`, they replace the CMD of an OCI image.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * User inside the machine that runs the program. A user other than root needs `getent` in the machine. Becomes User=.
   * @default - the user of an OCI image, or root of the machine, who is nobody on the host
   */
  readonly user?: string;
  /**
   * All capabilities that processes in the machine can have, such as `['CAP_NET_RAW']`. `[]` means none. Becomes
   * Capability= and DropCapability=.
   * @default - nspawn's default capabilities
   * @see capabilities(7), systemd-nspawn(1)
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Paths of device nodes of the host that the machine can use, such as `'/dev/fuse'`. With `privateUsers`, only device
   * nodes that everyone on the host may use work, since the machine's users are neither owner nor group of a node.
   * Becomes Bind= and DeviceAllow=.
   * @default - /dev/net/tun and device nodes without data: null, zero, random, tty and the like
   */
  readonly devices?: readonly string[];
  /**
   * Mounts the root read-only. Becomes ReadOnly=.
   * @default false
   */
  readonly readOnlyRoot?: boolean;
  /**
   * Runs the machine in a copy of the root that is deleted when it stops. Only data in volumes survives. The copy is
   * made at each start, which takes no time and no space only on btrfs and xfs. Becomes Ephemeral=.
   * @default false
   */
  readonly ephemeral?: boolean;
  /**
   * What happens to a copy of `image` when the machine leaves the stack, gets another name or host, or is destroyed.
   * `destroy` deletes it with all files that were written to it, and the plan reports the data loss. `retain` keeps it
   * on the host. A machine of the same name later uses it again, even if its image has changed. A `root` of your own
   * and the data in `volumes` are never deleted.
   * @default - `destroy` when the machine leaves the stack or is destroyed, and with `readOnlyRoot` or `ephemeral`.
   * Otherwise a plan that would replace the copy is refused.
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Gives the machine its own range of user IDs, so that its root is nobody on the host. The file systems of the root
   * and of the volumes must support mapped owners: ext4, xfs, btrfs and tmpfs do, overlayfs does not. Becomes
   * PrivateUsers=pick.
   * @default true
   */
  readonly privateUsers?: boolean;
  /**
   * Signal that asks process 1 of the machine to stop, such as `'SIGINT'`. Becomes KillSignal=.
   * @default - the stop signal of an OCI image; otherwise SIGTERM for a program, and SIGRTMIN+3 for an init
   */
  readonly stopSignal?: Open<Signal>;
  /**
   * Any directive of the .nspawn file (`Exec`, `Files`, `Network`) or of the unit that runs the machine (`Unit`,
   * `Service`, `Install`), under its name in the man page. A directive replaces a default of this class. A directive
   * that a prop also sets is refused.
   * @default - none
   * @throws Error for a directive that a prop also sets
   * @see systemd.nspawn(5), systemd.service(5)
   */
  readonly directives?: MachineDirectives;
}

const PROPS = propsOfClass<NspawnMachineProps>('NspawnMachine', {
  ...UNIT_PROPS,
  ...JOB_PROPS,
  ...NETWORKED_PROPS,
  ...COMMON_CONTAINER_PROPS,
  image: true,
  root: true,
  secrets: 'list',
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
 * A machine that systemd-nspawn runs: a root file system with one program, or with its own init. It has its own users,
 * processes and network address. It is on `host.network` unless `network` sets another network.
 *
 * On the host: /etc/systemd/nspawn/NAME.nspawn and NAME.service, and NAME-network.service for the network.
 * @see systemd-nspawn(1)
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
  private readonly read: readonly Use[];
  private readonly used: readonly Use[];
  /** An image that the machine writes to. No other machine can use it. */
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
    this.read = this.reads(volumes);
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
    const reader = userIfKnown(props.image, config ?? NO_CONFIG, props.user, `${at}.user`);
    const secrets = this.mountSecrets(props, reader);
    runDirectives(set, props, config, secrets.paths, at);
    nspawnDirectives(set, props, [...volumes, ...secrets.volumes], at);
    settingDirectives(set, props, at);
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
    const claims = [...super.claims, { claim: `machine ${this.serviceName}`, prop: 'name' }];
    return written ? [...claims, { claim: `root ${written.usedAs}`, prop: 'image' }] : claims;
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
  /** The root of the image. Machines copy it. */
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
  // Nothing is lost with a root that the machine does not write to.
  const usual = readOnlyRoot || ephemeral ? false : undefined;
  const retain = policy === undefined ? usual : checkRemovalPolicy(policy, at) === 'retain';
  if (image === undefined || stored) {
    if (policy !== undefined)
      fail({
        action: 'set removalPolicy to',
        value: policy,
        problem: stored
          ? 'the MachineImage has its own'
          : 'the root is your own directory, which Bulkhead never removes',
        expected: stored ? 'removalPolicy of the MachineImage' : 'no removalPolicy, or an image',
        at: `${at}.removalPolicy`,
      });
    return undefined;
  }
  const of = imageRoot(image, [], `${at}.image`, { bare: true });
  const key = objectKey('machine-root', `/var/lib/machines/${name}`);
  const copy = { ...(retain === undefined ? {} : { retain }), spec: { image: of.key.replace('image-root:', '') } };
  return { root: of, key, objects: { ...of.objects, [key]: copy } };
}

function runDirectives(
  set: DirectiveSet,
  props: NspawnMachineProps,
  image: ImageConfig | undefined,
  secrets: SecretPaths,
  at: string,
): void {
  if (props.command) checkWords(props.command, 'command', at);
  checkWords(props.args, 'args', at);
  const ofImage = [...(image?.entrypoint ?? []), ...(props.args ? [] : (image?.command ?? []))];
  const command = [...(props.command ?? ofImage), ...(props.args ?? [])];
  const environment = environmentOf({ ...image?.environment, ...props.environment }, at, secrets);
  const user = image?.user && !/^(?:root|0)(?::|$)/.test(image.user) ? image.user : undefined;
  const directory = absolutePath(props.workingDirectory, 'workingDirectory', at);
  const program = command.length > 0;
  const run = { Boot: !program, Parameters: program ? command : undefined };
  if (props.command || props.args) set.prop(props.command ? 'command' : 'args', 'Exec', run);
  set
    .defaults('Exec', {
      ...run,
      // Without a signal, nspawn kills a program at once. With ProcessTwo=, its init sends SIGHUP right after SIGTERM.
      KillSignal: program ? (image?.stopSignal ?? 'SIGTERM') : undefined,
      User: user,
      WorkingDirectory: image?.workingDirectory,
    })
    // Process 1 ignores signals that it does not handle, so many programs are only killed after this time.
    .defaults('Service', { TimeoutStopSec: program ? 30 : undefined })
    .prop('stopSignal', 'Exec', { KillSignal: props.stopSignal })
    .prop('user', 'Exec', { User: props.user })
    .prop('workingDirectory', 'Exec', { WorkingDirectory: directory })
    .prop('environment', 'Exec', { Environment: environment });
}

function nspawnDirectives(set: DirectiveSet, props: NspawnMachineProps, volumes: readonly Volume[], at: string): void {
  absolutePath(props.root, 'root', at);
  const { privateUsers = true } = props;
  const devices = checkDevices(props.devices, at);
  const written = volumes.filter(({ readOnly }) => !readOnly);
  const bound = [...(binds(written, privateUsers) ?? []), ...devices.map((device) => tuple(device))];
  set
    .prop('capabilities', 'Exec', machineCapabilities(props.capabilities))
    .prop('privateUsers', 'Exec', { PrivateUsers: privateUsers ? 'pick' : false })
    // Both settings would write to the root.
    .defaults('Exec', { ResolvConf: 'off', Timezone: 'off' })
    // The owners in a user's own directory must not change. With auto, nspawn may change them.
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

// A machine with its own users sees the host's owners of a volume only when they are mapped.
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

// nspawn's lock on a directory that it can't write to is shared, so it does not keep other machines out.
function checkStored(image: StoredImage, { readOnlyRoot, ephemeral }: NspawnMachineProps, at: string): StoredImage {
  const value = image.node.path;
  if (image.storedAs !== 'directory')
    fail({
      action: 'run in image',
      value,
      problem: 'is a raw disk',
      expected: 'a MachineImage from an `image`, or a VirtualMachine, which accepts raw disks',
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
