import type { KnownProps } from '../props/known-props';
import type { Connectable } from './connections';
import type { Network } from './network';
import type { ExposedPort } from './port';

/**
 * `host` shares all network interfaces of the host, so the service listens on ports of the host itself. `none` gives
 * the service no network.
 */
export type NetworkMode = 'host' | 'none';

/** Props for the network of a service. */
export interface NetworkedProps {
  /**
   * The network of the service. On a {@link Network} of the same host, the service has its own address and sees the
   * names of the services that it may reach. Everything else in and out is blocked. `'host'` shares all interfaces of
   * the host. `'none'` gives the service no network.
   * @default - the host's network for a SystemdService and for triggers such as a SystemdTimer, podman's bridge for
   * containers and pods of podman, `host.network` for all other classes
   */
  readonly network?: Network | NetworkMode;
  /**
   * IPv4 address of the service on its Network. It must be in the subnet of the Network. The IPv6 address of the
   * service ends with the same 32 bits.
   * @default - an address that follows from the name of the service
   */
  readonly address?: string;
  /**
   * Further names of the service on its Network.
   * @default - only the name on the host
   */
  readonly aliases?: readonly string[];
  /**
   * Ports on which other services of the Network may reach this service. They are not published on the host. Write
   * `5432` or `'53/udp'`. `expose` alone opens nothing: another service must name this service in its `reaches`.
   * @default - only the service's side of `ports`
   */
  readonly expose?: readonly ExposedPort[];
  /**
   * Services that this service may open connections to, on the ports that they `expose` or publish. Their names are
   * added to the hosts(5) file of this service. Both services must be on a Network. For single ports or the other
   * direction, use `connections`.
   * @default - none
   */
  readonly reaches?: readonly Connectable[];
}

export const NETWORKED_PROPS: KnownProps<NetworkedProps> = {
  network: true,
  address: true,
  aliases: 'list',
  expose: 'list',
  reaches: 'list',
};
