import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { objectKey } from '../../manifest/index';
import type { StatedClaim } from '../host/hosted-service';
import type { KnownProps } from '../props/known-props';
import { checkSubnet } from '../props/subnet';
import { type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { DOCKER_PROGRAMS } from './programs';
import { renderNetwork } from './terraform';

export interface DockerNetworkProps extends ManagedProps {
  /**
   * IPv4 addresses of the containers, in CIDR notation with a prefix length of 8 to 29, such as `172.30.0.0/24`.
   * @default - a range that docker picks
   */
  readonly subnet?: string;
  /**
   * Blocks connections to and from outside: the containers reach only each other. A network with a `subnet` needs
   * another one when this changes: the old network keeps its addresses until its containers have left it.
   * @default false
   */
  readonly internal?: boolean;
}

const PROPS: KnownProps<DockerNetworkProps> = { ...MANAGED_PROPS, subnet: true, internal: true };

/**
 * A bridge network of docker: the `network` of a {@link DockerService}. Containers on it reach each other by the names
 * of their services. When the network changes, it gets a new name in docker (NAME-REVISION), and its containers are
 * replaced. The old network is kept for as long as the version before is.
 *
 * For rules between services of any runtime, use a {@link Network}.
 * @see https://docs.docker.com/reference/cli/docker/network/create/
 */
export class DockerNetwork extends Service {
  readonly unitName = undefined;
  /** @internal Name of the network in docker. */
  readonly usedAs: string;
  private readonly subnet: string | undefined;
  private readonly internal: boolean;

  constructor(scope: Construct, id: string, props: DockerNetworkProps = {}) {
    super(scope, id, 'docker', props, PROPS);
    const { subnet, internal = false } = props;
    this.subnet = subnet === undefined ? undefined : checkSubnet(subnet, `${this.node.path}.subnet`).text;
    this.internal = internal;
    const digest = createHash('sha256').update(`${this.subnet} ${internal}`).digest('hex');
    this.usedAs = `${this.serviceName}-${digest.slice(0, 12)}`;
    this.complete();
  }

  /** @internal */
  override get claims(): readonly StatedClaim[] {
    return this.subnet === undefined ? [] : [{ claim: `subnet ${this.subnet}`, prop: 'subnet' }];
  }

  protected override render(): void {
    const { usedAs: name, internal, subnet } = this;
    const network = { name, driver: 'bridge', internal, ...(subnet === undefined ? {} : { ipamConfig: [{ subnet }] }) };
    if (!renderNetwork(this, network)) super.render();
  }

  protected override parts(): Parts {
    const { internal, subnet } = this;
    const spec = { internal: String(internal), ...(subnet === undefined ? {} : { subnet }) };
    return { objects: { [objectKey('docker-network', this.usedAs)]: { spec } }, requires: DOCKER_PROGRAMS };
  }
}
