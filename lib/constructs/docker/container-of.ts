import type { NetworkFile } from '../network/network-access';
import { fail } from '../problem';
import { checkWords, programOf } from '../props/command';
import { checkGroups, checkHostname, isHostname, parseTmpfs } from '../props/container-props';
import { checkDevices } from '../props/devices';
import { type Environment, environmentOf } from '../props/environment';
import { absolutePath } from '../props/paths';
import type { Port } from '../props/ports';
import { memoryBytes, parseCpu, parseTasks } from '../props/quantities';
import { parseUlimits } from '../props/ulimits';
import type { Volume } from '../props/volumes';
import type { DockerContainer, DockerHostConfig, Limits } from './container';
import { isWholeMebibytes } from './container-resource';
import type { DockerImage } from './docker-image';
import type { DockerNetwork } from './docker-network';
import type { DockerServiceProps } from './docker-service-props';

/** Everything else that determines a container, beside its props. */
export interface ContainerParts {
  readonly name: string;
  readonly at: string;
  readonly image: DockerImage;
  readonly environment: Environment;
  readonly ports: readonly Port[];
  readonly volumes: readonly Volume[];
  /** Files of the Network that replace the container's own. */
  readonly networkFiles: readonly NetworkFile[];
  readonly stopSec: number;
  readonly network: DockerNetwork | undefined;
  /** Docker's name for the network that the container starts with. */
  readonly networkMode: 'bridge' | 'host' | 'none';
  /** A runtime other than docker's default. Undefined: docker's default. */
  readonly runtime: string | undefined;
}

/** Describes a container. @throws Error for props that docker does not support */
export function containerOf(props: DockerServiceProps, parts: ContainerParts): DockerContainer {
  const { name, at, image, environment, ports, network } = parts;
  if (image.config) programOf(props, image.config, at);
  const { user, stopSignal } = props;
  const workingDir = absolutePath(props.workingDirectory, 'workingDirectory', at);
  const container: DockerContainer = {
    Image: image.reference,
    Hostname: hostnameOf(props.hostname, name, at),
    Env: Object.entries(environmentOf(environment, at) ?? {}).map(([key, value]) => `${key}=${value}`),
    ...wordsOf(props, at),
    ...(workingDir === undefined ? {} : { WorkingDir: workingDir }),
    ...(user === undefined ? {} : { User: user }),
    Labels: { ...props.labels },
    ...(stopSignal === undefined ? {} : { StopSignal: stopSignal }),
    StopTimeout: parts.stopSec,
    ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])),
    HostConfig: hostConfigOf(props, parts),
    ...(network ? { NetworkingConfig: { EndpointsConfig: { [network.usedAs]: { Aliases: [name] } } } } : {}),
  };
  checkTexts(container, at);
  return container;
}

/** Limits of a container. @throws Error */
export function limitsOf(props: DockerServiceProps, at: string): Limits {
  const memory = memoryBytes(props.memory, at) ?? 0;
  if (!isWholeMebibytes(memory) || (memory > 0 && memory < 6 * 1024 * 1024))
    fail({
      action: 'limit memory to',
      value: props.memory,
      problem: "docker's Terraform provider counts in mebibytes, and docker needs at least 6",
      expected: 'whole mebibytes, "6M" or more',
      at: `${at}.memory`,
    });
  const tasks = Number(parseTasks(props.tasks, at) ?? 0);
  return { Memory: memory, MemorySwap: memory, PidsLimit: tasks, RestartPolicy: { Name: 'no' } };
}

function hostConfigOf(props: DockerServiceProps, parts: ContainerParts): DockerHostConfig {
  const { at, volumes, networkFiles, networkMode, runtime, ports } = parts;
  const bound = networkMode === 'bridge' ? ports : [];
  const devices = checkDevices(props.devices, at);
  const quota = parseCpu(props.cpu, at);
  const ulimits = parseUlimits(props.ulimits, at).map(({ name, soft, hard }) => ({
    Name: name,
    Soft: soft,
    Hard: hard,
  }));
  const shmSize = shmSizeOf(props, at);
  return {
    NetworkMode: networkMode,
    ...(runtime === undefined ? {} : { Runtime: runtime }),
    Binds: [...volumes.map(bindOf), ...networkFiles.map(({ source, target }) => `${source}:${target}:ro`)],
    Tmpfs: Object.fromEntries(parseTmpfs(props.tmpfs, at)),
    Devices: devices.map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rw' })),
    PortBindings: bindings(bound),
    CapAdd: (props.capabilities ?? []).map((capability, index) =>
      checkCapability(capability, `${at}.capabilities[${index}]`),
    ),
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: props.readOnlyRoot === true,
    NanoCpus: quota === undefined ? 0 : Math.round(Number.parseFloat(quota) * 1e7),
    // The unit's journal has the output already.
    LogConfig: { Type: 'none' },
    Privileged: false,
    PublishAllPorts: false,
    AutoRemove: false,
    PidMode: '',
    UTSMode: '',
    VolumesFrom: [],
    Mounts: [],
    DeviceRequests: [],
    DeviceCgroupRules: [],
    GroupAdd: checkGroups(props.groups, at),
    ...(ulimits.length > 0 ? { Ulimits: ulimits } : {}),
    ...(shmSize === undefined ? {} : { ShmSize: shmSize }),
    ExtraHosts: [],
  };
}

const portKey = ({ container, protocol }: Port) => `${container}/${protocol}`;

function bindings(ports: readonly Port[]): DockerHostConfig['PortBindings'] {
  const found: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const list = found[portKey(port)] ?? [];
    found[portKey(port)] = [...list, { HostIp: port.ip ?? '', HostPort: port.host }];
  }
  return found;
}

function wordsOf({ command, args }: DockerServiceProps, path: string): Pick<DockerContainer, 'Entrypoint' | 'Cmd'> {
  if (command) checkWords(command, 'command', path);
  checkWords(args, 'args', path);
  if (command) return { Entrypoint: [...command, ...(args ?? [])] };
  if (args?.includes(''))
    fail({
      action: 'run with',
      value: args,
      problem: "docker's Terraform provider does not accept an empty argument",
      expected: 'the program and all its arguments in `command`',
      at: `${path}.args`,
    });
  return args ? { Cmd: args } : {};
}

function bindOf({ source, target, readOnly, at }: Volume): string {
  if (`${source}${target}`.includes(':'))
    fail({
      action: 'mount',
      value: { source, target },
      problem: "docker can't express a colon in a path",
      expected: 'a path without colons, or a SystemdService or NspawnMachine, which accept them',
      at,
    });
  return `${source}:${target}:${readOnly ? 'ro' : 'rw'}`;
}

function checkCapability(capability: string, at: string): string {
  if (/^CAP_[A-Z_]+$/.test(capability)) return capability;
  return fail({
    action: 'give capability',
    value: capability,
    problem: 'is not a capability',
    expected: 'a name such as "CAP_NET_RAW"',
    at,
  });
}

/** The name of a container is its hostname too, unless the prop sets another. */
function hostnameOf(hostname: string | undefined, name: string, at: string): string {
  const given = checkHostname(hostname, at);
  if (given !== undefined) return given;
  if (isHostname(name)) return name;
  return fail({
    action: 'name a container',
    value: name,
    problem: 'is not a hostname',
    expected: 'at most 63 letters, digits, "-", "_" and "."; the name prop sets another name',
    at,
  });
}

function shmSizeOf(props: DockerServiceProps, at: string): number | undefined {
  const bytes = memoryBytes(props.shmSize, at, 'shmSize');
  if (bytes === undefined || isWholeMebibytes(bytes)) return bytes;
  return fail({
    action: 'limit shmSize to',
    value: props.shmSize,
    problem: "docker's Terraform provider counts in mebibytes",
    expected: 'whole mebibytes such as "256M"',
    at: `${at}.shmSize`,
  });
}

/** JSON can hold text that no process can get as an argument. */
function checkTexts(container: DockerContainer, at: string): void {
  const visit = (value: unknown): void => {
    if (typeof value === 'string' && /\0|\p{Surrogate}/u.test(value))
      fail({
        action: 'pass',
        value,
        problem: 'is not a valid argument of a process',
        expected: 'text without NUL',
        at,
      });
    if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) visit(item);
  };
  visit(container);
}
