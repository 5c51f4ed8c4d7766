import { type ServiceSection, tuple } from '../../directives/index';
import { Token } from '../cdktf';
import type { NetworkAccess, NetworkFile, NetworkMounts } from '../network/network-access';
import type { NetworkedWorkload } from '../network/networked-workload';
import { fail } from '../problem';
import { checkWords } from '../props/command';
import { DirectiveSet } from '../props/directive-set';
import { environmentOf, environmentPaths, withoutSecretValues } from '../props/environment';
import { type HealthRuntime, healthDirectives } from '../props/health';
import { checkMode } from '../props/mode';
import { absolutePath } from '../props/paths';
import type { Port } from '../props/ports';
import type { Volume } from '../props/volumes';
import type { LoadedSecrets } from '../service/given-secrets';
import { unitDirectives } from '../service/unit-directives';
import { directoryDirectives } from './program-directories';
import { filesOfHost, type ProgramImage } from './program-image';
import type { ProgramProps } from './program-props';

// A probe of the network is a program of the host. It need not exist in the service's root.
const HEALTH: HealthRuntime = {
  network: [],
  inside: [],
  prefix: '+',
  notify: { section: 'Service', directives: { Type: 'notify' } },
};

/** How a systemd unit mounts the files of its network. */
export function networkMounts(path: string, files: readonly NetworkFile[]): NetworkMounts {
  const entries = files.map(({ source, target }) => tuple(source, target));
  return { path, section: 'Service', key: 'BindReadOnlyPaths', entries };
}

/** Where a program runs. */
export interface ProgramPlace {
  readonly access: NetworkAccess;
  readonly volumes: readonly Volume[];
  readonly image: ProgramImage | undefined;
  /** [Service] directives that set the root file system. */
  readonly place: ServiceSection;
  readonly secrets: LoadedSecrets;
  /** [Service] defaults of the class. */
  readonly sandbox: ServiceSection;
}

/** Directives of a unit that runs a program, of the host or of an image. @throws Error */
export function programDirectives(
  { serviceName: name, ports, node: { path: at } }: NetworkedWorkload,
  props: Omit<ProgramProps, 'directives'>,
  { access, volumes, image, place, secrets, sandbox }: ProgramPlace,
): DirectiveSet {
  if (props.command || !image?.command) checkWords(props.command, 'command', at);
  checkWords(props.args, 'args', at);
  checkReadOnly(props.readOnlyRoot, `${at}.readOnlyRoot`);
  const command = [...(props.command ?? image?.command ?? []), ...(props.args ?? [])];
  const files = environmentPaths(props, at)?.map(withoutGlob);
  const values = secrets.environmentFiles;
  const bound = access.mode === 'host' ? ports : [];
  const capabilities = capabilitiesOf(props, bound);
  const written = volumes.filter(({ readOnly }) => !readOnly);
  const read = volumes.filter(({ readOnly }) => readOnly);
  const ofHost = image ? filesOfHost(access, volumes).map((path) => tuple(`-${path}`, path)) : [];
  const set = new DirectiveSet(at)
    .defaults('Unit', { After: 'network.target', ...access.unit })
    .defaults('Service', { Type: 'exec' })
    .prop('command', 'Service', { ExecStart: command })
    .prop(image ? 'image' : 'root', 'Service', place)
    .prop('workingDirectory', 'Service', {
      WorkingDirectory: absolutePath(props.workingDirectory, 'workingDirectory', at),
    })
    .prop('user', 'Service', { User: props.user })
    .prop('group', 'Service', { Group: props.group })
    .prop('groups', 'Service', { SupplementaryGroups: props.groups?.length ? props.groups : undefined })
    .prop('umask', 'Service', { UMask: props.umask === undefined ? undefined : checkMode(props.umask, at, 'umask') })
    .prop('stopSignal', 'Service', { KillSignal: props.stopSignal })
    .prop('environment', 'Service', {
      Environment: environmentOf(
        { ...image?.environment, ...withoutSecretValues(props.environment) },
        at,
        secrets.paths,
      ),
    })
    .prop(files ? 'environmentFiles' : 'environment', 'Service', {
      EnvironmentFile: files || values.length > 0 ? [...values, ...(files ?? [])] : undefined,
    })
    .prop('secrets', 'Service', secrets.credentials)
    .prop('volumes', 'Service', {
      BindPaths: written.length > 0 ? bindPaths(written) : undefined,
      BindReadOnlyPaths: read.length > 0 ? [...bindPaths(read), ...ofHost] : undefined,
    })
    .defaults('Service', ofHost.length > 0 ? { BindReadOnlyPaths: ofHost } : {})
    .prop('network', 'Service', {
      NetworkNamespacePath: access.namespace,
      PrivateNetwork: access.mode === 'none' ? true : undefined,
    })
    .defaults('Service', sandbox)
    .defaults('Service', image?.directives ?? {})
    .prop('ports', 'Service', { SocketBindAllow: bound.length > 0 ? bound.map(bindRule) : undefined });
  directoryDirectives(set, props);
  if (capabilities.length > 0) {
    set
      .prop(props.capabilities ? 'capabilities' : 'ports', 'Service', {
        CapabilityBoundingSet: capabilities,
        AmbientCapabilities: capabilities,
      })
      .defaults('Service', { PrivateUsers: false });
  }
  healthDirectives(set, props.health, HEALTH, at);
  return unitDirectives(set, name, props, at);
}

function capabilitiesOf({ capabilities = [] }: Pick<ProgramProps, 'capabilities'>, ports: readonly Port[]): string[] {
  const low = ports.some(({ host }) => Number(host) < 1024);
  return [...new Set([...capabilities, ...(low ? ['CAP_NET_BIND_SERVICE'] : [])])];
}

function bindPaths(volumes: readonly Volume[]): string[] {
  return volumes.map(({ source, target }) => tuple(source, target));
}

function checkReadOnly(readOnly: unknown, at: string): void {
  if (readOnly === undefined || readOnly === true) return;
  fail({
    action: 'set readOnlyRoot to',
    value: readOnly,
    problem: 'services on the host share an image that they run in',
    expected:
      'true, or one of ContainerdService, DockerService, IncusInstance, LxcContainer, LxdInstance, NspawnMachine, OciService, PodmanService, VirtualMachine',
    at,
  });
}

// systemd reads the path as a pattern, so its special characters are escaped.
function withoutGlob(path: string): string {
  return Token.isUnresolved(path) ? path : path.replace(/[*?[\]\\]/g, '\\$&');
}

function bindRule({ ip, protocol, host }: Port): string {
  const family = ip === undefined ? '' : ip.includes(':') ? 'ipv6:' : 'ipv4:';
  return `${family}${protocol}:${host}`;
}
