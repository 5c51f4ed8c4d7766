import {
  ConfigFile,
  ContainerdService,
  type Host,
  Image,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  NspawnMachine,
  OciService,
  PodmanService,
  type Service,
  SystemdService,
  type UnitProps,
  type VolumeMapping,
} from 'bulkhead';
import { lab } from './host';
import { NAMES, type Name, type Place, VALUES } from './hostile-values';
import type { Running, Runtime } from './running';
import { images } from './synth';

/** On a file system that can map owners. */
export const ROOT = '/var/lib/hostile';

/** A shell that does nothing, with whatever arguments; it ends when it is told to. */
export const IDLE = ['-c', "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done", 'sh'];

/** The props that all runtimes have, and the one that only two have. */
export interface Props extends Omit<UnitProps, 'slice'> {
  readonly command: readonly [string, ...string[]];
  readonly volumes?: readonly VolumeMapping[];
  readonly environmentFiles?: readonly ConfigFile[];
}

export function serviceOf(runtime: Runtime, host: Host, id: string, props: Props): Service {
  const image = () => Image.ociArchive(images().ociArchive);
  switch (runtime) {
    case 'systemd':
      return new SystemdService(host, id, props);
    case 'podman':
      return new PodmanService(host, id, { image: image(), ...props });
    case 'nspawn':
      return new NspawnMachine(host, id, { image: image(), ...props });
    case 'incus':
      return new IncusInstance(host, id, { image: image(), ...props });
    case 'lxd':
      return new LxdInstance(host, id, { image: image(), ...props });
    default:
      return ociService(runtime, host, id, props);
  }
}

function ociService(runtime: 'containerd' | 'crun' | 'runc' | 'lxc', host: Host, id: string, props: Props): Service {
  const image = Image.ociArchive(images().ociArchive);
  if (runtime === 'containerd') return new ContainerdService(host, id, { image, ...props });
  if (runtime === 'lxc') return new LxcContainer(host, id, { image, ...props });
  return new OciService(host, id, { image, runtime, ...props });
}

/** The same with nothing to run in, which is faster, for those that are not applied. */
export function trialOf(runtime: Runtime, host: Host, props: Props): Service {
  switch (runtime) {
    case 'systemd':
      return new SystemdService(host, 'service', props);
    case 'podman':
      return new PodmanService(host, 'service', { image: 'localhost/image:1', ...props });
    case 'nspawn':
      return new NspawnMachine(host, 'service', { root: '/srv/root', ...props });
    case 'incus':
    case 'lxd':
      return serviceOf(runtime, host, 'service', props);
    default:
      return ociService(runtime, host, 'service', props);
  }
}

const DIRECTORIES = { program: 'bin', workingDirectory: 'cwd', volumeSource: 'from', volumeTarget: 'to' } as const;

/** A path that ends in a value. */
function pathOf(place: keyof typeof DIRECTORIES | 'configFile', name: Name): string {
  const directory = place === 'configFile' ? 'etc' : DIRECTORIES[place];
  return VALUES[name] && `${ROOT}/${directory}/${VALUES[name]}`;
}

// A word of a command may be much longer than a name in a path.
const textOf = (name: Name) => (name === 'long' ? VALUES[name].repeat(300) : VALUES[name]);
const index = (name: Name) => NAMES.indexOf(name);
const variable = (name: Name) => `T_${index(name)}`;
const inFile = (name: Name) => `F_${index(name)}`;
const mountPoint = (place: Place, name: Name) => `${ROOT}/mnt/${place}-${index(name)}`;

function configFile(host: Host, name: Name): ConfigFile {
  const id = `h-file-${index(name)}`;
  const there = host.node.tryFindChild(id) as ConfigFile | undefined;
  return there ?? new ConfigFile(host, id, { path: pathOf('configFile', name), content: `${inFile(name)}=arrived\n` });
}

/** Props that put one value in a place. */
export function propsWith(place: Place, name: Name, host: Host): Props {
  const command = ['/bin/sh', ...IDLE] as const;
  switch (place) {
    case 'environment':
      return { command, environment: { [variable(name)]: textOf(name) } };
    case 'argument':
      return { command: [...command, textOf(name)] };
    case 'program':
      return { command: [pathOf(place, name)] };
    case 'workingDirectory':
      return { command, workingDirectory: pathOf(place, name) };
    case 'volumeSource':
      return { command, volumes: [{ source: pathOf(place, name), target: mountPoint(place, name) }] };
    case 'volumeTarget':
      return { command, volumes: [{ source: `${ROOT}/from`, target: pathOf(place, name) }] };
    case 'configFile':
      return { command, volumes: [{ source: configFile(host, name), target: mountPoint(place, name) }] };
    case 'environmentFile':
      return { command, environmentFiles: [configFile(host, name)] };
  }
}

/** Values by the place where one runtime takes them. */
export type Accepted = ReadonlyMap<Place, readonly Name[]>;

/** A directory that has all these values on its way. */
function nested(runtime: Runtime, place: 'program' | 'workingDirectory', accepted: Accepted): string {
  return [ROOT, DIRECTORIES[place], runtime, ...(accepted.get(place) ?? []).map((name) => VALUES[name])].join('/');
}

const program = (runtime: Runtime, accepted: Accepted) => `${nested(runtime, 'program', accepted)}/sh`;

/** Props that put all values in all places where the runtime takes them, for one service that shows them all. */
export function propsWithAll(runtime: Runtime, accepted: Accepted, host: Host): Props {
  const each = (place: Place) => (accepted.get(place) ?? []).map((name) => propsWith(place, name, host));
  const volumes = (['volumeSource', 'volumeTarget', 'configFile'] as const).flatMap(each);
  const own = runtime === 'systemd' ? [] : [`${ROOT}/bin`, `${ROOT}/cwd`];
  return {
    command: [program(runtime, accepted), ...IDLE, ...(accepted.get('argument') ?? []).map(textOf)],
    environment: Object.assign({}, ...each('environment').map(({ environment }) => environment)),
    workingDirectory: nested(runtime, 'workingDirectory', accepted),
    volumes: [
      ...own.map((path) => ({ source: path, target: path })),
      ...volumes.flatMap(({ volumes = [] }) => volumes),
    ],
    ...(accepted.has('environmentFile')
      ? { environmentFiles: each('environmentFile').flatMap(({ environmentFiles = [] }) => environmentFiles) }
      : {}),
  };
}

/** Makes on the host what the services need to be there. */
export async function prepare(runtimes: ReadonlyMap<Runtime, Accepted>): Promise<void> {
  const all = (place: Place) => [...new Set([...runtimes.values()].flatMap((accepted) => accepted.get(place) ?? []))];
  const directories = [
    `${ROOT}/from`,
    ...[...runtimes].map(([runtime, accepted]) => nested(runtime, 'workingDirectory', accepted)),
    ...[...runtimes].map(([runtime, accepted]) => nested(runtime, 'program', accepted)),
    ...all('volumeSource').flatMap((name) => [pathOf('volumeSource', name), mountPoint('volumeSource', name)]),
    // A unit's volumes go to places that are there.
    ...all('volumeTarget').map((name) => pathOf('volumeTarget', name)),
  ];
  await succeed(['xargs', '-0', 'mkdir', '-p', '--'], directories.join('\0'));
  const files = all('configFile').map((name) => mountPoint('configFile', name));
  await succeed(['xargs', '-0', 'touch', '--'], files.join('\0'));
  const programs = [...runtimes].map(([runtime, accepted]) => program(runtime, accepted));
  await succeed(['xargs', '-0', '-n', '1', 'cp', '--', '/usr/bin/busybox'], programs.join('\0'));
}

async function succeed(argv: readonly string[], input: string): Promise<void> {
  const { exitCode, stderr } = await lab.run(argv, input);
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
}

/** What a process has where a value was put; undefined when that is the value. */
export function difference(
  runtime: Runtime,
  place: Place,
  name: Name,
  accepted: Accepted,
  seen: Running,
): string | undefined {
  const compare = (actual: unknown, expected: unknown) =>
    actual === expected ? undefined : `arrives as ${JSON.stringify(actual)}`;
  switch (place) {
    case 'environment':
      return compare(seen.environment[variable(name)], textOf(name));
    case 'argument':
      return compare(seen.argv[1 + IDLE.length + (accepted.get(place) ?? []).indexOf(name)], textOf(name));
    case 'program':
      return compare(seen.argv[0], program(runtime, accepted));
    case 'workingDirectory':
      return compare(seen.cwd, nested(runtime, place, accepted));
    case 'volumeSource':
    case 'configFile': {
      const source = seen.mounts.get(mountPoint(place, name));
      return source?.endsWith(pathOf(place, name)) ? undefined : `arrives as ${JSON.stringify(source)}`;
    }
    case 'volumeTarget':
      return seen.mounts.has(pathOf(place, name)) ? undefined : 'does not arrive';
    case 'environmentFile':
      return compare(seen.environment[inFile(name)], 'arrived');
  }
}
