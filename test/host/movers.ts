import {
  type Connectable,
  ContainerdService,
  DockerService,
  type Host,
  type Image,
  IncusInstance,
  LxcContainer,
  LxdInstance,
  type NetworkedProps,
  NspawnMachine,
  OciService,
  PodmanService,
  PortableService,
  SystemdService,
  type UnitProps,
  VirtualMachine,
} from 'bulkhead';
import { Lab } from '../../lib/lab';

/** Props that all classes have which run a program of an image. */
export interface CommonProps extends Omit<UnitProps, 'slice' | 'tasks' | 'workingDirectory'>, NetworkedProps {
  readonly image: Image;
  readonly command: readonly string[];
  readonly readOnlyRoot: true;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Props that all of these classes have whose services share the kernel of the host. */
export interface KernelProps extends CommonProps, Pick<UnitProps, 'tasks' | 'workingDirectory'> {
  readonly user: string;
  readonly stopSignal: 'SIGTERM';
}

export type Create<Props = CommonProps> = (host: Host, id: string, props: Props) => Connectable;

const lxc: Create = (host, id, props) => new LxcContainer(host, id, props);
const incus: Create = (host, id, props) => new IncusInstance(host, id, props);

/** The classes that a service with a user of the host moves through, in this order: a line for each. */
export const ON_KERNEL: Readonly<Record<string, Create<KernelProps>>> = {
  systemd: (host, id, props) => new SystemdService(host, id, props),
  portable: (host, id, props) => new PortableService(host, id, props),
  podman: (host, id, props) => new PodmanService(host, id, props),
  nspawn: (host, id, props) => new NspawnMachine(host, id, props),
  containerd: (host, id, props) => new ContainerdService(host, id, props),
  crun: (host, id, props) => new OciService(host, id, props),
  runc: (host, id, props) => new OciService(host, id, { ...props, runtime: 'runc' }),
  docker: (host, id, props) => new DockerService(host, id, props),
  lxc,
  'lxc-privileged': (host, id, props) => new LxcContainer(host, id, { ...props, privileged: true }),
  lxd: (host, id, props) => new LxdInstance(host, id, props),
  incus,
};

/**
 * The classes that a service moves through which runs as root of its image: into a guest and out of it, with a
 * namespace on the one side and a link of the engine on the other. A guest needs a kernel, too.
 */
export const INTO_GUEST: Readonly<Record<string, Create>> = {
  lxc,
  qemu: (host, id, props) => new VirtualMachine(host, id, { ...props, ...Lab.guest() }),
  incus,
};
