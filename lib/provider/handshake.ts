import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSignedCertificate } from './certificate';
import { type Call, createGrpcServer, type GrpcServer, type Routes, serveCalls } from './http2-server';
import { followTerraform, guardProcess, type Lifecycle } from './lifecycle';
import { log } from './log';
import { METHODS, pathOf } from './messages';
import { findObstacle } from './preflight';
import type { Provider } from './resource';

/** What runs as a plugin. */
export interface Plugin {
  /** Loads the provider. It is called after the handshake, while Terraform is connecting. */
  readonly load: () => Promise<Provider>;
  /**
   * The answer to GetProviderSchema, in protobuf's wire format.
   * @default - it is made from the provider's resources
   */
  readonly schema?: Uint8Array;
}

/** Runs this process as a Terraform plugin until Terraform ends it. */
export async function servePlugin({ load, schema }: Plugin): Promise<void> {
  const obstacle = findObstacle(process.env, process.versions.node);
  if (obstacle) {
    process[obstacle.stream].write(`${obstacle.message}\n`);
    process.exitCode = 1;
    return;
  }
  guardProcess();
  let provider: Promise<Provider> | undefined;
  const lifecycle = followTerraform(async () => (await provider)?.close?.());
  const clientCert = process.env.PLUGIN_CLIENT_CERT;
  // Without a certificate Terraform wants no TLS: TF_DISABLE_PLUGIN_TLS.
  const certificate = clientCert ? selfSignedCertificate() : undefined;
  const server = createGrpcServer(certificate && clientCert ? { ...certificate, clientCert } : undefined);
  const socket = newSocketPath();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socket, resolve));
  process.stdout.write(`1|6|unix|${socket}|grpc|${withoutPadding(certificate?.der)}\n`);
  log('debug', 'handshake sent', { ms: Math.round(performance.now()) });

  provider = load();
  const routes = new Map(lateRoutes(provider, lifecycle));
  if (schema) routes.set(pathOf('GetProviderSchema'), async () => schema);
  routes.set('/plugin.GRPCController/Shutdown', shutdown(lifecycle, server));
  serveCalls(server, Promise.resolve(routes));
}

/**
 * The calls of the plugin protocol. What answers them is loaded at the first of them: of the three processes that
 * Terraform starts for a plan, one is only asked for the schema.
 */
function lateRoutes(provider: Promise<Provider>, { signal, stop }: Lifecycle): Routes {
  let loaded: Promise<Routes> | undefined;
  const load = async () => {
    const { providerRoutes } = await import('./server.js');
    return providerRoutes(await provider, signal, stop);
  };
  const late =
    (path: string): Call =>
    async (request) => {
      loaded ??= load();
      const call = (await loaded).get(path);
      if (!call) throw new Error(`Cannot answer ${path}: there is no such call`);
      return call(request);
    };
  return new Map(METHODS.map((method) => [pathOf(method), late(pathOf(method))]));
}

function shutdown(lifecycle: Lifecycle, server: GrpcServer): Call {
  return async () => {
    await lifecycle.close();
    lifecycle.exitAfter(server);
    return new Uint8Array();
  };
}

/** Go's decoder takes no padding. */
function withoutPadding(der: Buffer | undefined): string {
  return der?.toString('base64').replace(/=+$/, '') ?? '';
}

/** A path for a socket that only this user can reach. It goes when the process ends. */
function newSocketPath(): string {
  const parents = [process.env.PLUGIN_UNIX_SOCKET_DIR, tmpdir(), '/tmp'];
  // The kernel takes 107 bytes, of which "/plugin", six random letters and "/s" are ours.
  const parent = parents.find((path) => path && Buffer.byteLength(path) <= 107 - 15) ?? '/tmp';
  const directory = mkdtempSync(join(parent, 'plugin'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 's');
}
