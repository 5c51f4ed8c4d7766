import { Workload, type WorkloadDirectives } from '../service/workload';
import type { Connectable, Connections } from './connections';
import type { NetworkAccess } from './network-access';

/** A workload that can be on a {@link Network}. */
export abstract class NetworkedWorkload<Sections extends WorkloadDirectives = WorkloadDirectives>
  extends Workload<Sections>
  implements Connectable
{
  /** The network that it sees. */
  protected abstract readonly access: NetworkAccess;

  /** Who may open connections to it on its Network, and to whom it may. */
  get connections(): Connections {
    return this.access.connections;
  }

  /** IPv4 address on its Network, known at synthesis, such as `10.70.64.12`. @throws Error when it is on no Network */
  get address(): string {
    return this.access.address;
  }

  /** Name by which services reach it that may: its name on the host. @throws Error when it is on no Network */
  get hostname(): string {
    return this.access.hostname;
  }
}
