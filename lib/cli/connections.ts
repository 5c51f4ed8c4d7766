import type { HostAddress } from '../manifest';
import { connect, type Transport } from '../transport';

/** One connection per host, whatever the number of stacks on it. */
export class Connections {
  private readonly transports = new Map<string, Transport>();

  /** @throws Error when the address is none */
  to({ address, sshOptions = [] }: HostAddress): Transport {
    const key = JSON.stringify([address, sshOptions]);
    const transport = this.transports.get(key) ?? connect({ address, sshOptions });
    this.transports.set(key, transport);
    return transport;
  }

  async close(): Promise<void> {
    await Promise.all([...this.transports.values()].map((transport) => transport.close()));
  }
}

/** Does some work with connections, and ends them. */
export async function withConnections<T>(work: (connections: Connections) => Promise<T>): Promise<T> {
  const connections = new Connections();
  try {
    return await work(connections);
  } finally {
    await connections.close();
  }
}
