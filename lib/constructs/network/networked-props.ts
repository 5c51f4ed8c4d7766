import type { KnownProps } from '../props/known-props';
import type { Connectable } from './connections';
import type { Network } from './network';
import type { ExposedPort } from './port';

/** `host` shares all interfaces of the host, whose ports it then listens on itself; `none` has no network at all. */
export type NetworkMode = 'host' | 'none';

/** How a service is reached, and whom it reaches. */
export interface NetworkedProps {
  /**
   * A {@link Network} of the same host: an address of its own, names for the services that it may reach, and nothing else
   * in or out. Or `'host'`, which shares all interfaces of the host, or `'none'`, which has no network at all.
   * @default - what is usual for its runtime: the host's for a SystemdService, podman's bridge for a container,
   * `host.network` for a machine
   */
  readonly network?: Network | NetworkMode;
  /**
   * IPv4 address on its Network, one of that subnet. The IPv6 address ends with the same 32 bits.
   * @default - one that follows from its name
   */
  readonly address?: string;
  /**
   * Further names by which services on a Network reach it.
   * @default - only its name on the host
   */
  readonly aliases?: readonly string[];
  /**
   * Ports that it listens on for other services of a Network, without publishing them on the host: `5432`, `'53/udp'`.
   * Opens nothing by itself; `reaches` of another service does.
   * @default - only the service's side of `ports`
   */
  readonly expose?: readonly ExposedPort[];
  /**
   * Services that it may open connections to, at the ports that these `expose` or publish. Their names are in its
   * hosts(5). Both are on a Network. `connections` says the same with ports and directions.
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
