import {
  ContainerdService,
  DockerService,
  type Host,
  type Image,
  LxcContainer,
  type NetworkedProps,
  NspawnMachine,
  OciService,
  PodmanService,
  PortableService,
  type Service,
  SystemdService,
  type UnitProps,
} from 'bulkhead';

/** Props that all classes have which run a program of an image. */
export interface CommonProps extends Omit<UnitProps, 'slice'>, NetworkedProps {
  readonly image: Image;
  readonly command: readonly string[];
  readonly user: string;
  readonly readOnlyRoot: true;
  readonly stopSignal: 'SIGTERM';
}

type Create = (host: Host, id: string, props: CommonProps) => Service;

/** The classes that a service moves through, in this order: a line for each. */
export const MOVERS: Readonly<Record<string, Create>> = {
  systemd: (host, id, props) => new SystemdService(host, id, props),
  portable: (host, id, props) => new PortableService(host, id, props),
  podman: (host, id, props) => new PodmanService(host, id, props),
  nspawn: (host, id, props) => new NspawnMachine(host, id, props),
  containerd: (host, id, props) => new ContainerdService(host, id, props),
  crun: (host, id, props) => new OciService(host, id, props),
  runc: (host, id, props) => new OciService(host, id, { ...props, runtime: 'runc' }),
  docker: (host, id, props) => new DockerService(host, id, props),
  lxc: (host, id, props) => new LxcContainer(host, id, props),
  'lxc-privileged': (host, id, props) => new LxcContainer(host, id, { ...props, privileged: true }),
};
