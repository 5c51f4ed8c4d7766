import type { Construct } from 'constructs';
import {
  type Capability,
  type InstallSection,
  type Open,
  type ServiceSection,
  tuple,
  type UnitSection,
} from '../directives';
import type { UnitPart } from '../manifest';
import { Token } from './cdktf';
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
import type { KnownProps } from './known-props';
import { type Port, type PortProp, parsePort } from './ports';
import { fail } from './problem';
import type { Ordering, Parts } from './service';
import { type EnvironmentFilesProps, SERVICE_PROPS, type ServiceProps } from './service-props';
import { SANDBOX } from './systemd-sandbox';
import { checkSlice } from './systemd-slice';
import { mountPointsOf, parseVolume, type Volume } from './volumes';
import { Workload } from './workload';

export interface SystemdServiceProps extends ServiceProps, EnvironmentFilesProps {
  /**
   * The program, by its absolute path, and its arguments. Each word arrives as it is: no shell, and nothing in it is
   * expanded. ExecStart=
   */
  readonly command: readonly string[];
  /**
   * Further arguments, after those of `command`.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * Directory of the host that it sees as `/`. RootDirectory=
   * @default - the host's own, read-only
   */
  readonly root?: string;
  /**
   * User of the host to run as. User=
   * @default - one made up for as long as it runs, of the unit's name (DynamicUser=yes). Where the host has a user of that
   * name, such as `mail`, it runs as that one; where only a group has it, it does not start. Another `name` avoids both.
   */
  readonly user?: string;
  /**
   * Ports that it listens on. It can bind no others, and the host's side is the service's own: systemd remaps none.
   * A port below 1024 gives it CAP_NET_BIND_SERVICE. SocketBindAllow=
   * @default - none
   */
  readonly ports?: readonly PortProp[];
  /**
   * Capabilities that it holds. Any of them turns PrivateUsers= off, since they would mean nothing inside of it.
   * AmbientCapabilities=, CapabilityBoundingSet=
   * @default - none
   */
  readonly capabilities?: readonly Open<Capability>[];
  /**
   * Name of a directory below /var/lib that it may write and that outlives it; its path is in `$STATE_DIRECTORY`.
   * StateDirectory=
   * @default - none
   */
  readonly stateDirectory?: string;
  /**
   * Lets it make code at run time, which just-in-time compilers do: Node.js, Java, .NET, LuaJIT.
   * MemoryDenyWriteExecute=no
   * @default false
   */
  readonly jit?: boolean;
  /**
   * Any directive of the unit, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
   * @see systemd.exec(5), systemd.service(5), systemd.unit(5)
   */
  readonly directives?: {
    readonly Unit?: UnitSection;
    readonly Service?: ServiceSection;
    readonly Install?: InstallSection;
  };
}

export const SYSTEMD_SERVICE_PROPS: KnownProps<SystemdServiceProps> = {
  ...SERVICE_PROPS,
  environmentFiles: 'list',
  command: 'list',
  args: 'list',
  root: true,
  user: true,
  capabilities: 'list',
  stateDirectory: true,
  jit: true,
  directives: true,
};

const SECTIONS = ['Unit', 'Service', 'Install'];

// What looks at its network is a program of the host, which need not be in its root.
const HEALTH: HealthRuntime = {
  network: [],
  inside: [],
  prefix: '+',
  notify: { section: 'Service', directives: { Type: 'notify' } },
};

/**
 * A program of the host that systemd runs, in a strict sandbox: it sees the system read-only, has no capability, no
 * device, no home directories, its own user, and listens on no port but those it names. Props and `directives` open it.
 *
 * On the host: /etc/systemd/system/NAME.service, started and enabled.
 */
export class SystemdService extends Workload {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly ports: readonly Port[];
  private readonly directives: DirectiveSet;
  private readonly read: readonly ConfigSource[];
  private readonly mounts: Pick<UnitPart, 'mountPoints'>;
  private readonly programs: Readonly<Record<string, string>>;
  protected readonly environmentSection = 'Service' as const;

  constructor(scope: Construct, id: string, props: SystemdServiceProps) {
    super(scope, id, 'systemd', props, SYSTEMD_SERVICE_PROPS);
    if (props.slice) this.require(checkSlice(props.slice, this));
    const at = this.node.path;
    this.unitName = `${this.serviceName}.service`;
    this.ports = (props.ports ?? []).map((port, index) => ownPort(parsePort(port, `${at}.ports[${index}]`), port));
    const volumes = (props.volumes ?? []).map((volume, index) => parseVolume(volume, `${at}.volumes[${index}]`));
    this.read = filesRead(volumes, props.environmentFiles);
    this.mounts = mountPointsOf(volumes, props.root);
    for (const file of this.read) this.require(file);
    this.programs = healthPrograms(props.health);
    checkSections(props.directives, SECTIONS, at);
    this.directives = programDirectives(this.serviceName, props, this.ports, volumes, at).byHand(props.directives);
    this.check();
  }

  protected override get sections() {
    return this.directives.bySection(SECTIONS);
  }

  protected override parts(ordering: Ordering): Parts {
    const path = `/etc/systemd/system/${this.unitName}`;
    return {
      natives: { [path]: { format: 'unit', sections: this.directives.file(SECTIONS, ordering) } },
      requires: this.programs,
      units: {
        [this.unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [path],
          ...triggersOf(this.read),
          ...this.mounts,
        },
      },
    };
  }
}

/** Directives of a unit that runs a program of the host. @throws Error */
export function programDirectives(
  name: string,
  props: Omit<SystemdServiceProps, 'directives'>,
  ports: readonly Port[],
  volumes: readonly Volume[],
  at: string,
): DirectiveSet {
  checkWords(props.command, 'command', at);
  checkWords(props.args, 'args', at);
  const command = [...props.command, ...(props.args ?? [])];
  const capabilities = capabilitiesOf(props, ports);
  const set = new DirectiveSet(at)
    .defaults('Unit', { After: 'network.target' })
    .defaults('Service', { Type: 'exec' })
    .prop('command', 'Service', { ExecStart: command })
    .prop('root', 'Service', rootDirectory(absolutePath(props.root, 'root', at)))
    .prop('workingDirectory', 'Service', {
      WorkingDirectory: absolutePath(props.workingDirectory, 'workingDirectory', at),
    })
    .prop('user', 'Service', { User: props.user })
    .prop('environment', 'Service', { Environment: environmentOf(props.environment, at) })
    .prop('environmentFiles', 'Service', { EnvironmentFile: environmentPaths(props, at)?.map(withoutGlob) })
    .prop('stateDirectory', 'Service', { StateDirectory: props.stateDirectory })
    .prop('volumes', 'Service', {
      BindPaths: bindPaths(volumes.filter(({ readOnly }) => !readOnly)),
      BindReadOnlyPaths: bindPaths(volumes.filter(({ readOnly }) => readOnly)),
    })
    .defaults('Service', { DynamicUser: props.user === undefined, ...SANDBOX })
    .prop('jit', 'Service', { MemoryDenyWriteExecute: props.jit === undefined ? undefined : !props.jit })
    .prop('ports', 'Service', { SocketBindAllow: ports.length > 0 ? ports.map(bindRule) : undefined });
  if (capabilities.length > 0) {
    set
      .prop(props.capabilities ? 'capabilities' : 'ports', 'Service', {
        CapabilityBoundingSet: capabilities,
        AmbientCapabilities: capabilities,
      })
      .defaults('Service', { PrivateUsers: false });
  }
  healthDirectives(set, props.health, HEALTH, at);
  return commonDirectives(set, name, props, at);
}

/** Checks that a port of the host is the service's own. @throws Error */
export function ownPort(port: Port, value: unknown): Port {
  if (port.host === port.container) return port;
  return fail({
    action: 'publish',
    value,
    problem: 'a systemd service listens on the host itself, where no port is remapped',
    expected: 'one number for both sides; PodmanService and NspawnMachine remap',
    at: port.at,
  });
}

function capabilitiesOf(
  { capabilities = [] }: Pick<SystemdServiceProps, 'capabilities'>,
  ports: readonly Port[],
): string[] {
  const low = ports.some(({ host }) => Number(host) < 1024);
  return [...new Set([...capabilities, ...(low ? ['CAP_NET_BIND_SERVICE'] : [])])];
}

function rootDirectory(root: string | undefined): ServiceSection {
  return root === undefined ? {} : { RootDirectory: root, MountAPIVFS: true };
}

function bindPaths(volumes: readonly Volume[]): string[] | undefined {
  if (volumes.length === 0) return undefined;
  return volumes.map(({ source, target }) => tuple(source, target));
}

// systemd takes the path for a pattern.
function withoutGlob(path: string): string {
  return Token.isUnresolved(path) ? path : path.replace(/[*?[\]\\]/g, '\\$&');
}

function bindRule({ ip, protocol, host }: Port): string {
  const family = ip === undefined ? '' : ip.includes(':') ? 'ipv6:' : 'ipv4:';
  return `${family}${protocol}:${host}`;
}
