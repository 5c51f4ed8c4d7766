import type { Construct } from 'constructs';
import {
  DirectiveError,
  type LxcConfig,
  seccompFor,
  writeLxcConfig,
  writeSeccompProfile,
} from '../../directives/index';
import type { FilePart, Requirement } from '../../manifest/index';
import { tokenEscaper } from '../../rendering/tokens';
import type { StatedClaim } from '../host/hosted-service';
import { NetworkAccess } from '../network/network-access';
import { NetworkedWorkload } from '../network/networked-workload';
import { fail } from '../problem';
import type { Asset } from '../props/assets';
import { checkPulledCommand, PATH, programOf } from '../props/command';
import { containerImage, groupsIn, type UserNumbers, userIn, withGroups } from '../props/container-image';
import { checkLxcGroups, parseTmpfs, sharedMemory } from '../props/container-props';
import { checkDevices } from '../props/devices';
import { checkSections, DirectiveSet } from '../props/directive-set';
import { type Environment, environmentOf, type SecretPaths } from '../props/environment';
import { healthDirectives, healthPrograms } from '../props/health';
import { type ImageRoot, imageRoot } from '../props/image-root';
import { type MountedRoot, rootIn } from '../props/mounted-root';
import { type Port, parsePorts } from '../props/ports';
import { parseDuration } from '../props/quantities';
import { stoppedStatus } from '../props/stop-signal';
import { triggersOf, type Use } from '../props/used';
import { RANGE_SIZE, userRange } from '../props/user-range';
import { parseVolumes } from '../props/volumes';
import { fileAccess } from '../service/file-access';
import { numericOwner } from '../service/host-paths';
import type { Ordering, Parts } from '../service/service';
import { unitDirectives } from '../service/unit-directives';
import { checkSlice } from '../service/unit-props';
import { type HostMounts, hostMounts } from './container-mounts';
import { checkCapabilities, lxcDirectives } from './lxc-config';
import { containerEnvironment } from './lxc-environment';
import { SHARED_MEMORY_OPTIONS, usualMounts } from './lxc-mounts';
import { LXC_PROPS, type LxcContainerProps, type LxcDirectives } from './lxc-props';
import {
  configPath,
  directoryOf,
  healthRuntime,
  lxcUnit,
  seccompPath,
  startCommand,
  stopPostCommand,
} from './lxc-unit';

const UNIT_SECTIONS = ['Unit', 'Service', 'Install'];
const NEEDED: Readonly<Record<string, Requirement>> = { 'lxc-start': { why: 'for the container' } };

/** Default seconds for the program to end. */
const STOP_SEC = 10;
const MARGIN_SEC = 60;

/**
 * A container that LXC runs under systemd. It runs in the unit's own control group, so all directives of
 * systemd.resource-control(5) apply to it. It is unprivileged, with no capabilities, a read-only root and a system call
 * filter. It is on `host.network` unless `network` sets another network. Props and `directives` open it.
 *
 * On the host: NAME.service, /var/lib/lxc/NAME, where lxc-ls(1) and lxc-attach(1) find the container, the root in
 * /var/lib/bulkhead/images, which all services of the same image share, and NAME-network.service for the network.
 */
export class LxcContainer extends NetworkedWorkload<LxcDirectives> {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly ports: readonly Port[];
  override readonly assets: readonly Asset[];
  protected readonly access: NetworkAccess;
  protected readonly environmentSection = 'Service' as const;
  private readonly directives: DirectiveSet;
  private readonly root: ImageRoot;
  private readonly mounted: MountedRoot;
  private readonly command: readonly string[];
  /** Starts the program when the config can hold all variables. */
  private readonly start: readonly string[];
  private readonly capabilities: readonly string[];
  private readonly devices: readonly string[];
  private readonly mounts: HostMounts;
  private readonly read: readonly Use[];
  private readonly programs: Readonly<Record<string, Requirement>>;

  constructor(scope: Construct, id: string, props: LxcContainerProps) {
    super(scope, id, 'lxc', props, LXC_PROPS);
    this.require(checkSlice(props.slice, this));
    const { serviceName: name } = this;
    const at = this.node.path;
    this.unitName = `${name}.service`;
    this.ports = parsePorts(props.ports, at);
    this.access = new NetworkAccess(this, props, this.ports, () => this.host.network);
    this.require(this.access.network);
    const volumes = parseVolumes(props.volumes, at);
    for (const { target, at: prop } of volumes) if (/^\/+$/.test(target)) refuseRoot(target, prop);
    this.read = this.reads(volumes, {}, numericOwner(props.user));
    this.root = imageRoot(props.image, [], `${at}.image`);
    this.assets = this.root.assets;
    const firstUser = props.privileged === true ? undefined : userRange(this.host, name);
    const directory = directoryOf(name);
    const written = props.readOnlyRoot === false ? `/var/lib/bulkhead/lxc-${name}` : `${directory}/written`;
    this.mounted = { directory, written, image: this.root.directory, firstUser };
    const image = containerImage(props.image, `${at}.image`);
    checkPulledCommand(image.image, props.command, at);
    this.command = programOf(props, image.config, at);
    this.start = startCommand(name, [], this.command);
    const named = props.user ?? image.config.user ?? '0';
    const user = withGroups(
      userIn(image, named, props.user === undefined ? `${at}.image` : `${at}.user`),
      groupsIn(image, checkLxcGroups(props.groups, firstUser !== undefined, 'privileged: true', at), `${at}.groups`),
    );
    const secrets = this.mountSecrets(props, user);
    this.devices = checkDevices(props.devices, at);
    this.mounts = hostMounts(
      {
        volumes,
        secrets: secrets.volumes,
        files: this.access.files(volumes),
        inMemory: parseTmpfs(props.tmpfs, at),
        devices: this.devices,
      },
      this.mounted,
    );
    const bound = this.access.mode === 'host' ? this.ports : [];
    this.capabilities = checkCapabilities(capabilitiesOf(props, bound), user.uid, at);
    this.programs = healthPrograms(props.health, 'nsenter');
    checkSections(props.directives, [...UNIT_SECTIONS, 'lxc'], at);
    this.directives = new DirectiveSet(at);
    this.describe(props, user, secrets.paths);
    this.complete();
  }

  override get claims(): readonly StatedClaim[] {
    const { firstUser } = this.mounted;
    if (firstUser === undefined) return super.claims;
    return [...super.claims, { claim: `uids ${firstUser}-${firstUser + RANGE_SIZE - 1}`, prop: 'name' }];
  }

  protected override get sections() {
    return this.directives.bySection([...UNIT_SECTIONS, 'lxc']);
  }

  private describe(props: LxcContainerProps, user: UserNumbers, secrets: SecretPaths): void {
    const { serviceName: name, access, directives: set, mounted: root, mounts, capabilities } = this;
    const at = this.node.path;
    const { directory, firstUser } = root;
    const image = this.root.config;
    const [, shm = `${SHARED_MEMORY_OPTIONS},size=65536k`] = sharedMemory(props, SHARED_MEMORY_OPTIONS, at) ?? [];
    lxcDirectives(
      set,
      props,
      {
        ...{ name, firstUser, user, capabilities, access, image, seccomp: seccompPath(name) },
        root: rootIn(directory),
        mounts: usualMounts(directory, firstUser !== undefined, shm),
        added: mounts.added,
      },
      at,
    );
    const stopSec = Math.ceil(parseDuration(props.stopTimeout, `${at}.stopTimeout`) ?? STOP_SEC);
    const { stopTimeout, ...common } = props;
    if (stopTimeout !== undefined) set.prop('stopTimeout', 'Service', { TimeoutStopSec: stopSec + MARGIN_SEC });
    healthDirectives(set, props.health, healthRuntime(name, access.namespace, access.mode, user), at);
    unitDirectives(set, name, common, at)
      .prop('environment', 'Service', {
        Environment: environmentOf({ PATH, ...image?.environment, ...props.environment }, at, secrets),
      })
      .defaults('Unit', { After: 'network.target', ...access.unit })
      .defaults('Service', {
        ...lxcUnit({ name, root, mounts, devices: this.devices, stopSec }),
        ExecStart: this.start,
        SuccessExitStatus: stoppedStatus(props.stopSignal ?? image?.stopSignal),
        TimeoutStopSec: stopSec + MARGIN_SEC,
      })
      .byHand(props.directives);
  }

  protected override parts(ordering: Ordering): Parts {
    const { unitName, serviceName: name, root } = this;
    const unit = `/etc/systemd/system/${unitName}`;
    const config = configPath(name);
    const seccomp = seccompPath(name);
    const { lines, inherited } = containerEnvironment(this.variables, this.ofImage, this.node.path);
    const sections = this.unitSections(ordering, inherited);
    return this.access.withParts({
      natives: { [unit]: { format: 'unit', sections } },
      files: {
        [config]: this.configFile(config, lines),
        [seccomp]: {
          content: writeSeccompProfile(seccompFor(this.capabilities)),
          mode: '0644',
          owner: 'root',
          group: 'root',
        },
      },
      objects: root.objects,
      requires: { ...NEEDED, ...root.requires, ...this.programs },
      units: {
        [unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [unit, config, seccomp, root.key],
          ...triggersOf(this.read),
        },
      },
    });
  }

  private get variables(): Environment {
    return (this.directives.get('Service', 'Environment') ?? {}) as Environment;
  }

  private get ofImage(): Environment {
    return { PATH: this.variables.PATH ?? PATH, ...this.root.config?.environment };
  }

  /** [Unit], [Service] and [Install], with the variables that the config can't hold. */
  private unitSections(ordering: Ordering, inherited: Environment): Record<string, object> {
    const { serviceName: name, directives: set } = this;
    const { Service = {}, ...sections } = set.file(UNIT_SECTIONS, ordering);
    const { Environment: _, ...rest } = Service as Readonly<Record<string, unknown>>;
    const names = Object.keys(inherited);
    checkExitStatus(set, this.node.path);
    const success = [set.get('Service', 'SuccessExitStatus') ?? []].flat().map(Number).filter(Number.isFinite);
    const usual = set.get('Service', 'ExecStart') === this.start;
    return {
      ...sections,
      Service: {
        ...rest,
        ...(names.length > 0 ? { Environment: inherited } : {}),
        ...(usual ? { ExecStart: startCommand(name, names, this.command) } : {}),
        ExecStopPost: { argv: stopPostCommand(name, this.mounted, success) },
      },
    };
  }

  private configFile(path: string, environment: readonly string[]): FilePart {
    const { lxc = {} } = this.directives.file(['lxc']);
    const sections = { Service: { Environment: this.variables } };
    try {
      const keys = lxc as LxcConfig;
      if (keys['lxc.environment'] !== undefined) refuseEnvironment(keys['lxc.environment'], this.node.path);
      const mounts = [...(keys['lxc.mount.entry'] ?? []), ...this.mounts.network];
      const content = writeLxcConfig(
        { ...keys, 'lxc.mount.entry': mounts, 'lxc.environment': environment },
        tokenEscaper,
      );
      return { content, ...fileAccess(path, { sections, ofImage: this.ofImage }, 'root') };
    } catch (error) {
      throw error instanceof DirectiveError ? new Error(`${error.message} (at ${this.node.path})`) : error;
    }
  }
}

function capabilitiesOf({ capabilities }: LxcContainerProps, bound: readonly Port[]): readonly string[] {
  return capabilities ?? (bound.some(({ host }) => Number(host) < 1024) ? ['CAP_NET_BIND_SERVICE'] : []);
}

function refuseRoot(value: string, at: string): never {
  const problem = 'the root of the container is its image';
  return fail({ action: 'mount on', value, problem, expected: 'a path such as "/data"', at });
}

function refuseEnvironment(value: readonly string[], at: string): never {
  return fail({
    action: 'set lxc.environment to',
    value: value[0],
    problem: 'the environment prop decides that',
    expected: 'the variable in environment',
    at: `${at}.directives.lxc`,
  });
}

// For systemd, the main process is lxc-start. It does not exit with the exit status of its program.
function checkExitStatus(set: DirectiveSet, at: string): void {
  for (const key of ['RestartPreventExitStatus', 'RestartForceExitStatus'])
    if (set.get('Service', key) !== undefined)
      fail({
        action: `set ${key}= to`,
        value: set.get('Service', key),
        problem: 'lxc-start does not end with the exit status of its program',
        expected: 'restart, or SuccessExitStatus',
        at: `${at}.directives.Service`,
      });
}
