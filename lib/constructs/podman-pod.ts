import type { Construct } from 'constructs';
import type { InstallSection, PodSection, QuadletFile, ServiceSection, UnitSection } from '../directives';
import type { KnownProps } from './known-props';
import type { PodmanNetwork } from './podman-network';
import { checkNetworks, networkNames, publishPorts } from './podman-network-directives';
import { PodmanResource, withoutQuadletOrder } from './podman-resource';
import { type Port, type PortProp, parsePort } from './ports';
import type { RootlessProps } from './rootless';
import type { Ordering, Parts } from './service';
import { MANAGED_PROPS, type ManagedProps } from './service-props';

export interface PodmanPodProps extends ManagedProps, RootlessProps {
  /**
   * Ports that others reach its containers on. Two services of a host can't have the same one. PublishPort=
   * @default - none: nobody reaches it
   */
  readonly ports?: readonly PortProp[];
  /**
   * Networks that it is on, of the same host. Network=
   * @default - podman's default network, where nothing has a name
   */
  readonly networks?: readonly PodmanNetwork[];
  /**
   * Any key of the Quadlet file, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
   * @see podman-systemd.unit(5), podman-pod-create(1)
   */
  readonly directives?: {
    readonly Unit?: UnitSection;
    readonly Pod?: PodSection;
    readonly Quadlet?: NonNullable<QuadletFile['Quadlet']>;
    readonly Service?: ServiceSection;
    readonly Install?: InstallSection;
  };
}

const PROPS: KnownProps<PodmanPodProps> = {
  ...MANAGED_PROPS,
  rootless: true,
  ports: 'list',
  networks: 'list',
  directives: true,
};

/**
 * Containers that share one network address and reach each other on localhost: the `pod` of a {@link PodmanService}.
 * What stops or restarts it takes its containers along.
 *
 * On the host: /etc/containers/systemd/NAME.pod, which systemd makes NAME-pod.service of.
 */
export class PodmanPod extends PodmanResource {
  override readonly ports: readonly Port[];
  private readonly networks: readonly PodmanNetwork[];

  constructor(scope: Construct, id: string, props: PodmanPodProps = {}) {
    super(scope, id, 'pod', props, PROPS);
    const at = this.node.path;
    this.ports = (props.ports ?? []).map((port, index) => parsePort(port, `${at}.ports[${index}]`));
    this.networks = checkNetworks(this, props.networks);
    for (const network of this.networks) this.require(network);
    this.directives
      .prop('name', 'Pod', { PodName: this.serviceName })
      .prop('ports', 'Pod', { PublishPort: publishPorts(this.ports) })
      .prop('networks', 'Pod', { Network: networkNames(this.networks) })
      // Otherwise a pod of one container ends when that one restarts. Of two, podman takes the last.
      .defaults('Pod', { PodmanArgs: ['--exit-policy=continue'] })
      .byHand(props.directives);
    this.check();
  }

  protected override parts(ordering: Ordering): Parts {
    return super.parts(withoutQuadletOrder(ordering, this.networks));
  }
}
