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

/** A Terraform plugin. */
export interface Plugin {
  /** Loads the provider. It runs after the handshake, while Terraform connects. */
  readonly load: () => Promise<Provider>;
  /**
   * The answer to GetProviderSchema, in protobuf's wire format.
   * @default - built from the provider's resources
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
  // Without a client certificate, Terraform uses no TLS (TF_DISABLE_PLUGIN_TLS).
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
 * The calls of the plugin protocol. Their handlers are loaded at the first call: Terraform starts three processes for a
 * plan, and asks one of them only for the schema.
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

/** Go's decoder accepts no padding. */
function withoutPadding(der: Buffer | undefined): string {
  return der?.toString('base64').replace(/=+$/, '') ?? '';
}

/** A path for a socket that only this user can reach. It is deleted when the process ends. */
function newSocketPath(): string {
  const parents = [process.env.PLUGIN_UNIX_SOCKET_DIR, tmpdir(), '/tmp'];
  // A socket path in Linux has at most 107 bytes. "/plugin", six random letters and "/s" take 15 of them.
  const parent = parents.find((path) => path && Buffer.byteLength(path) <= 107 - 15) ?? '/tmp';
  const directory = mkdtempSync(join(parent, 'plugin'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 's');
}
