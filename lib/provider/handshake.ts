import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSignedCertificate } from './certificate';
import { createGrpcServer, type GrpcServer, type Routes, serveCalls } from './http2-server';
import { followTerraform, guardProcess, type Lifecycle } from './lifecycle';
import { log } from './log';
import { findObstacle } from './preflight';
import type { Provider } from './resource';

/**
 * Runs this process as a Terraform plugin until Terraform ends it. The provider is loaded after the handshake, while
 * Terraform is connecting.
 */
export async function servePlugin(load: () => Promise<Provider>): Promise<void> {
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
  serveCalls(server, loadRoutes(provider, lifecycle, server));
}

async function loadRoutes(provider: Promise<Provider>, lifecycle: Lifecycle, server: GrpcServer): Promise<Routes> {
  // Not needed for the handshake, and the larger part of the bundle.
  const { providerRoutes } = await import('./server.js');
  const routes = new Map(providerRoutes(await provider, lifecycle.signal, lifecycle.stop));
  return routes.set('/plugin.GRPCController/Shutdown', async () => {
    await lifecycle.close();
    lifecycle.exitAfter(server);
    return new Uint8Array();
  });
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
