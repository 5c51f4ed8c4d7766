import {
  ConfigDirectory,
  ConfigFile,
  Directory,
  type Host,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  MachineImage,
  Network,
  NspawnMachine,
  PodmanBuild,
  PodmanImage,
  PodmanKube,
  PodmanNetwork,
  PodmanPod,
  PodmanService,
  PodmanVolume,
  Secret,
  SystemdMount,
  SystemdPath,
  SystemdService,
  SystemdSlice,
  SystemdSocket,
  SystemdTimer,
  User,
  VirtualMachine,
} from 'bulkhead';
import { Lab } from '../../lib/lab';
import { buildDocker } from './docker';
import {
  type Deed,
  IDLE,
  image,
  type Making,
  QUICK,
  type Rendering,
  root,
  SECONDS,
  SIDE_VARIABLE,
  type Side,
  sideKnownToTerraform,
} from './making';
import { buildContainerd, buildNetworkd, buildOci, buildPortable, buildRooted } from './runtimes';
import { buildInstance, buildVersions } from './versions';

interface Class {
  /** Classes of one group are applied together. */
  readonly group: string;
  /** The same for all classes of a group. @default 'apply' */
  readonly deed?: Deed;
  /** Shell lines that a host runs first: what is left of them later is none of what an apply leaves. */
  readonly first?: string;
  /** The only rendering in which the engine makes these objects. @default - all */
  readonly rendering?: Rendering;
  readonly build: (host: Host, side: Side, making: Making) => void;
}

/** The image of the practice host, as a file there that podman pulls from. */
function pulled(host: Host): PodmanImage {
  const known = host.node.tryFindChild('f-image');
  if (known instanceof PodmanImage) return known;
  const archive = new ConfigFile(host, 'f-archive', { path: '/srv/f-archive.tar', source: Lab.images().ociArchive });
  return new PodmanImage(host, 'f-image', {
    image: `oci-archive:${archive.path}`,
    tag: 'localhost/busybox:latest',
    removalPolicy: 'destroy',
    dependsOn: [archive],
  });
}

/** One instance that is made anew, one that restarts and whose limits change, and one that leaves. */
function instances(type: typeof IncusInstance | typeof LxdInstance, name: string, host: Host, side: Side): void {
  const props = { command: ['/bin/sleep', SECONDS[side]], stopTimeout: '1s', network: 'none' } as const;
  new type(host, `${name}-root`, { ...props, image: root(side) });
  new type(host, `${name}-limits`, { ...props, image: image(), memory: { a: '64M', b: '65M' }[side] as '64M' });
  new type(host, `${name}-${side}`, { ...props, image: image() });
}

/** What a fault may hit: by class of construct, services that differ between the sides. */
export const CLASSES = {
  service: {
    group: 'systemd',
    build(host, side) {
      const target = { a: 'multi-user.target', b: 'rescue.target' }[side];
      const directives = { ...QUICK, Install: { WantedBy: target } };
      new SystemdService(host, 'f-service', { command: IDLE, environment: { SIDE: side }, directives: QUICK });
      new SystemdService(host, 'f-wanted', { command: IDLE, directives });
      new SystemdService(host, `f-service-${side}`, { command: IDLE, directives: QUICK });
    },
  },
  timer: {
    group: 'systemd',
    build(host, side) {
      const onCalendar = { a: 'yearly', b: 'monthly' }[side];
      new SystemdTimer(host, 'f-timer', { onCalendar, command: ['/bin/true'] });
    },
  },
  socket: {
    group: 'systemd',
    build(host, side) {
      const port = { a: 9471, b: 9472 }[side];
      new SystemdSocket(host, 'f-socket', { ports: [`127.0.0.1:${port}`], accept: true, command: ['/usr/bin/cat'] });
    },
  },
  path: {
    group: 'systemd',
    build(host, side) {
      new SystemdPath(host, 'f-path', { exists: `/run/f-path-${side}`, command: ['/bin/true'] });
    },
  },
  slice: {
    group: 'systemd',
    build(host, side) {
      const slice = new SystemdSlice(host, 'f-slice', { memory: { a: '64M', b: '65M' }[side] as '64M' });
      new SystemdService(host, 'f-sliced', { command: IDLE, slice, directives: QUICK });
    },
  },
  mount: {
    group: 'systemd',
    build(host, side) {
      const options = [{ a: 'size=1M', b: 'size=2M' }[side]];
      new SystemdMount(host, 'f-mount', { what: 'tmpfs', where: '/run/f-mount', type: 'tmpfs', options });
    },
  },
  config: {
    group: 'systemd',
    build(host, side, { makeDirectory }) {
      const file = new ConfigFile(host, 'f-file', { path: '/etc/f-config/f-file.conf', content: `side = ${side}\n` });
      const source = makeDirectory({ 'index.html': side, [`sub/only-${side}`]: side });
      const directory = new ConfigDirectory(host, 'f-directory', { path: '/srv/f-directory/www', source });
      new ConfigFile(host, `f-file-${side}`, { path: `/etc/f-config/${side}/f-file.conf`, content: 'x\n' });
      const mode = { a: '0750', b: '0700' }[side];
      const shared = new Directory(host, 'f-shared', { path: '/srv/f-shared/data', mode });
      new Directory(host, `f-shared-${side}`, { path: `/srv/f-shared/${side}`, owner: 'daemon' });
      const volumes = [
        { source: shared, target: '/mnt/shared' },
        { source: file, target: '/mnt/file' },
        { source: directory, target: '/mnt/directory' },
      ];
      new SystemdService(host, 'f-configured', { command: IDLE, volumes, directives: QUICK });
    },
  },
  container: {
    group: 'podman',
    build(host, side) {
      const props = { image: image(), stopTimeout: '1s', environment: { SIDE: side } } as const;
      new PodmanService(host, 'f-container', props);
      new PodmanService(host, `f-container-${side}`, props);
    },
  },
  volume: {
    group: 'podman',
    build(host, side) {
      new PodmanVolume(host, 'f-volume', { removalPolicy: 'destroy', directives: { Unit: { Description: side } } });
      new PodmanVolume(host, `f-volume-${side}`, { removalPolicy: 'destroy' });
    },
  },
  network: {
    group: 'podman',
    build(host, side) {
      new PodmanNetwork(host, 'f-network', { directives: { Network: { Label: { side } } } });
      new PodmanNetwork(host, `f-network-${side}`);
    },
  },
  pod: {
    group: 'podman',
    build(host, side) {
      const pod = new PodmanPod(host, 'f-pod', { ports: [`127.0.0.1:${{ a: 9473, b: 9474 }[side]}:80`] });
      new PodmanService(host, 'f-member', { image: image(), pod, stopTimeout: '1s' });
    },
  },
  image: {
    group: 'images',
    build(host, side) {
      new PodmanService(host, `f-pulled-${side}`, { image: pulled(host), stopTimeout: '1s' });
    },
  },
  build: {
    group: 'images',
    build(host, side, { makeDirectory }) {
      const Containerfile = 'FROM localhost/busybox:latest\nCOPY index.html /www/index.html\n';
      const context = makeDirectory({ Containerfile, 'index.html': side });
      const built = new PodmanBuild(host, 'f-build', { context, dependsOn: [pulled(host)] });
      new PodmanService(host, 'f-built', { image: built, stopTimeout: '1s' });
    },
  },
  kube: {
    group: 'images',
    build(host, side) {
      const base = pulled(host);
      const containers = [{ name: 'web', image: base.reference, imagePullPolicy: 'Never' }];
      const spec = { terminationGracePeriodSeconds: 1, containers };
      const yaml = { apiVersion: 'v1', kind: 'Pod', metadata: { name: `f-kube-${side}` }, spec };
      new PodmanKube(host, 'f-kube', { yaml, dependsOn: [base] });
    },
  },
  user: {
    group: 'rootless',
    build(host, side) {
      new User(host, `f-user-${side}`);
    },
  },
  rootless: {
    group: 'rootless',
    build(host, side) {
      const rootless = new User(host, 'f-rootless');
      // A practice host may have control groups v1, where users have none of their own.
      const directives = { Container: { CgroupsMode: 'disabled' } } as const;
      const props = { rootless, image: image(), stopTimeout: '1s', directives } as const;
      new PodmanService(host, 'f-own', { ...props, environment: { SIDE: side } });
      new PodmanVolume(host, `f-own-volume-${side}`, { rootless, removalPolicy: 'destroy' });
    },
  },
  machine: {
    group: 'nspawn',
    build(host, side) {
      const props = { command: ['/bin/sleep', SECONDS[side]], stopTimeout: '1s', network: 'none' } as const;
      new NspawnMachine(host, 'f-machine', { image: root(side), ...props });
      new NspawnMachine(host, `f-machine-${side}`, { image: image(), ...props });
    },
  },
  lxc: {
    group: 'lxc',
    build(host, side) {
      const props = { image: image(), stopTimeout: '1s', network: 'none' } as const;
      new LxcContainer(host, 'f-lxc', { ...props, environment: { SIDE: side }, privileged: side === 'b' });
      new LxcContainer(host, `f-lxc-${side}`, props);
    },
  },
  incus: {
    group: 'instances',
    build(host, side) {
      instances(IncusInstance, 'f-incus', host, side);
    },
  },
  lxd: {
    group: 'instances',
    build(host, side) {
      instances(LxdInstance, 'f-lxd', host, side);
    },
  },
  virtualMachine: {
    group: 'vm',
    build(host, side) {
      const guest = { ...Lab.guest(), image: image(), memory: '128M', stopTimeout: '1s' } as const;
      const volumes = side === 'b' ? (['/srv:/srv:ro'] as const) : [];
      new VirtualMachine(host, 'f-guest', { ...guest, environment: { SIDE: side }, volumes });
      new VirtualMachine(host, `f-guest-${side}`, { ...guest, network: 'none' });
    },
  },
  machineImage: {
    group: 'nspawn',
    build(host, side) {
      const base = new MachineImage(host, 'f-base', {
        image: image(),
        readOnly: side === 'a',
        removalPolicy: 'destroy',
      });
      const clone = new MachineImage(host, `f-clone-${side}`, { clone: base, removalPolicy: 'destroy' });
      const props = { command: ['/bin/sleep', SECONDS[side]], stopTimeout: '1s', network: 'none' } as const;
      new NspawnMachine(host, 'f-sharing', { image: base, readOnlyRoot: true, ...props });
      new NspawnMachine(host, `f-cloned-${side}`, { image: clone, ...props });
    },
  },
  hostNetwork: {
    group: 'network',
    build(host, side) {
      const props = { command: IDLE, network: new Network(host, 'f-net'), directives: QUICK };
      const database = new SystemdService(host, 'f-database', { ...props, expose: [5432] });
      const reaches = side === 'b' ? [database] : [];
      new SystemdService(host, 'f-caller', { ...props, ports: ['9475:80'], reaches });
      new SystemdService(host, `f-caller-${side}`, props);
    },
  },
  secret: {
    group: 'secret',
    build(host, side, { rendering }) {
      const given = new Secret(host, 'f-given', { environmentVariable: SIDE_VARIABLE });
      const sealed = new Secret(host, 'f-sealed', { environmentVariable: SIDE_VARIABLE, encrypted: true });
      const [generated, other] = ['f-generated', 'f-other'].map((id) => new Secret(host, id, { generate: {} }));
      const known =
        rendering === 'terraform' ? [new Secret(host, 'f-known', { value: sideKnownToTerraform(host) })] : [];
      const unit = { command: IDLE, directives: QUICK } as const;
      const secrets = [given, generated, ...known].flatMap((secret) => secret ?? []);
      new SystemdService(host, 'f-secrets', { ...unit, secrets: [...secrets, sealed] });
      new PodmanService(host, 'f-secrets-box', { image: image(), stopTimeout: '1s', secrets });
      new SystemdService(host, 'f-secrets-other', { ...unit, secrets: side === 'a' ? [given] : [other ?? given] });
      const own = new Secret(host, `f-generated-${side}`, { generate: {} });
      new SystemdService(host, `f-secrets-${side}`, { ...unit, secrets: [given, own] });
    },
  },
  containerd: { group: 'containerd', build: buildContainerd },
  oci: { group: 'oci', build: buildOci },
  // Its daemon leaves other units that it wants.
  portable: { group: 'portable', first: 'portablectl list', build: buildPortable },
  rooted: { group: 'rooted', build: buildRooted },
  networkd: { group: 'networkd', build: buildNetworkd },
  docker: { group: 'docker', first: 'systemctl start docker', rendering: 'bulkhead', build: buildDocker },
  goingBack: { group: 'goingBack', deed: 'failing apply', build: buildVersions },
  rollback: { group: 'rollback', deed: 'rollback', build: buildVersions },
  incusGoingBack: { group: 'incusGoingBack', deed: 'failing apply', build: buildInstance(IncusInstance) },
  incusRollback: { group: 'incusRollback', deed: 'rollback', build: buildInstance(IncusInstance) },
  lxdGoingBack: { group: 'lxdGoingBack', deed: 'failing apply', build: buildInstance(LxdInstance) },
  lxdRollback: { group: 'lxdRollback', deed: 'rollback', build: buildInstance(LxdInstance) },
} as const satisfies Record<string, Class>;

export type ClassName = keyof typeof CLASSES;

export const CLASS_NAMES = Object.keys(CLASSES) as ClassName[];

/** What is killed of classes that are applied together. */
export function deedOf([name]: readonly ClassName[]): Deed {
  const { deed = 'apply' }: Partial<Class> = name === undefined ? {} : CLASSES[name];
  return deed;
}

/** What a host runs before classes are applied there. */
export function firstOf(names: readonly ClassName[]): string {
  return names.map((name) => (CLASSES[name] as Class).first ?? '').join('\n');
}

/** Those that a rendering makes by itself. */
export function renderedBy(rendering: Rendering, names: readonly ClassName[]): ClassName[] {
  return names.filter((name) => [rendering, undefined].includes((CLASSES[name] as Class).rendering));
}

/** The classes that are applied together, by the name of their group. */
export function groupsOf(names: readonly ClassName[]): Map<string, ClassName[]> {
  const groups = new Map<string, ClassName[]>();
  for (const name of names) {
    const { group } = CLASSES[name];
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return groups;
}
