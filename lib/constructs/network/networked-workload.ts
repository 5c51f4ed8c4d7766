import { Workload, type WorkloadDirectives } from '../service/workload';
import type { Connectable, Connections } from './connections';
import type { NetworkAccess } from './network-access';

/** A workload that can be on a {@link Network}. */
export abstract class NetworkedWorkload<Sections extends WorkloadDirectives = WorkloadDirectives>
  extends Workload<Sections>
  implements Connectable
{
  /** The network of the workload. */
  protected abstract readonly access: NetworkAccess;

  /** Which services may connect to this service on its Network, and which services it may connect to. */
  get connections(): Connections {
    return this.access.connections;
  }

  /**
   * IPv4 address of the service on its Network, known at synthesis, such as `10.70.64.12`. @throws Error when the
   * service is not on a Network
   */
  get address(): string {
    return this.access.address;
  }

  /** Name of the service on its Network: its name on the host. @throws Error when the service is not on a Network */
  get hostname(): string {
    return this.access.hostname;
  }
}
