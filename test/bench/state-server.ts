import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * Keeps states of Terraform in memory, for its `http` backend: with a local file, applying a thousand resources takes
 * half a minute of writing it over and over.
 */
export class StateServer {
  static async start(): Promise<StateServer> {
    const states = new Map<string, Buffer>();
    const server = createServer(async (request, response) => {
      const name = request.url ?? '';
      if (request.method === 'POST') states.set(name, await buffer(request));
      const state = states.get(name);
      response.writeHead(state ? 200 : 404).end(request.method === 'GET' ? state : undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StateServer(server);
  }

  private constructor(private readonly server: Server) {}

  url(name: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${name}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
