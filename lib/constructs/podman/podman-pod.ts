import type { Construct } from 'constructs';
import type { PodSection } from '../../directives/index';
import type { Connectable, Connections } from '../network/connections';
import { NetworkAccess, type NetworkFile } from '../network/network-access';
import { NETWORKED_PROPS, type NetworkedProps } from '../network/networked-props';
import type { KnownProps } from '../props/known-props';
import { type Port, type PortProp, parsePorts } from '../props/ports';
import type { Ordering, Parts } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import type { PodmanNetwork } from './podman-network';
import {
  checkNetworks,
  hasNameServers,
  listensOn,
  networkMounts,
  networkNames,
  networkWord,
  publishPorts,
} from './podman-network-directives';
import { PodmanResource } from './podman-resource';
import type { QuadletProps } from './quadlet';
import type { RootlessProps } from './rootless';

export interface PodmanPodProps extends ManagedProps, RootlessProps, NetworkedProps, QuadletProps<'Pod', PodSection> {
  /**
   * Ports on which others reach the containers of the pod. Two services of a host can't use the same port. Becomes
   * PublishPort=.
   * @default - none
   */
  readonly ports?: readonly PortProp[];
  /**
   * Networks of podman that the pod joins, on the same host. Becomes Network=.
   * @default - podman's default network, which resolves no names
   */
  readonly networks?: readonly PodmanNetwork[];
}

const PROPS: KnownProps<PodmanPodProps> = {
  ...MANAGED_PROPS,
  ...NETWORKED_PROPS,
  rootless: true,
  ports: 'list',
  networks: 'list',
  directives: true,
};

/**
 * Containers that share one network address and reach each other on localhost: the `pod` of a {@link PodmanService}.
 * When the pod stops or restarts, its containers do too.
 *
 * On the host: /etc/containers/systemd/NAME.pod, from which systemd generates NAME-pod.service.
 * @see podman-pod-create(1)
 */
export class PodmanPod extends PodmanResource implements Connectable {
  override readonly ports: readonly Port[];
  private readonly networks: readonly PodmanNetwork[];
  private readonly access: NetworkAccess;
  private readonly networkFiles: readonly NetworkFile[];

  constructor(scope: Construct, id: string, props: PodmanPodProps = {}) {
    super(scope, id, 'pod', props, PROPS);
    const at = this.node.path;
    this.ports = parsePorts(props.ports, at);
    this.networks = checkNetworks(this, props.networks);
    for (const network of this.networks) this.require(network);
    this.access = new NetworkAccess(this, props, this.ports);
    this.require(this.access.network);
    this.networkFiles = this.access.files([], hasNameServers(props.directives?.Pod));
    this.directives
      .prop('name', 'Pod', { PodName: this.serviceName })
      .prop('ports', 'Pod', { PublishPort: this.access.mode === undefined ? publishPorts(this.ports) : undefined })
      .prop('networks', 'Pod', { Network: networkNames(this.networks) })
      .prop('network', 'Pod', { Network: networkWord(this.access) })
      .defaults('Unit', this.access.unit)
      // By default a pod with one container ends when that container restarts. When the option is set twice, podman
      // uses the last one.
      .defaults('Pod', { PodmanArgs: ['--exit-policy=continue'] })
      .byHand(props.directives);
    this.complete();
  }

  /**
   * Which services may connect to the containers on their Network, and which services the containers may connect to.
   */
  get connections(): Connections {
    return this.access.connections;
  }

  /** IPv4 address of the pod on its Network, known at synthesis. @throws Error when the pod is not on a Network */
  get address(): string {
    return this.access.address;
  }

  /** Name of the pod on its Network: its name on the host. @throws Error when the pod is not on a Network */
  get hostname(): string {
    return this.access.hostname;
  }

  protected override get listensOn(): '*' | '0.0.0.0' {
    return this.access.mode === undefined ? listensOn(this) : '*';
  }

  protected override parts(ordering: Ordering): Parts {
    return this.access.withParts(super.parts(ordering), networkMounts(this.quadletPath, 'Pod', this.networkFiles));
  }

  protected override get referred(): readonly PodmanNetwork[] {
    return this.networks;
  }
}
