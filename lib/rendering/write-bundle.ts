import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Manifest } from '../manifest/manifest';
import { writeAssets } from './assets';
import { ASSETS, type Bundle, type BundleHost, INDEX, type Refusal } from './bundle-format';
import type { Renderable } from './service';
import { hasToken } from './tokens';

/**
 * Writes the services of a stack as a bundle: their native files as they will lie on each host, and an index. What an
 * earlier synthesis left there is removed. A service with a value that only Terraform knows is refused.
 */
export function writeBundle(directory: string, stack: string, services: readonly Renderable[]): void {
  const refused = services.flatMap(refusals);
  const bundle: Bundle = { stack, hosts: groupByHost(services), ...(refused.length > 0 ? { refused } : {}) };
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    if (name !== ASSETS) rmSync(join(directory, name), { recursive: true });
  }
  for (const host of bundle.hosts) {
    for (const manifest of host.manifests) writeFiles(join(directory, host.id), manifest);
  }
  writeAssets(
    join(directory, ASSETS),
    services.flatMap((service) => service.assets),
  );
  writeFileSync(join(directory, INDEX), `${JSON.stringify(withoutContent(bundle), null, 2)}\n`);
}

function groupByHost(services: readonly Renderable[]): BundleHost[] {
  const hosts = new Map<string, { host: Renderable['host']; manifests: Manifest[] }>();
  for (const { host, manifest } of services) {
    const group = hosts.get(host.id) ?? { host, manifests: [] };
    group.manifests.push(manifest);
    hosts.set(host.id, group);
  }
  return [...hosts.values()].map(({ host: { id, address, sshOptions }, manifests }) => ({
    id,
    address,
    ...(sshOptions ? { sshOptions } : {}),
    manifests,
  }));
}

function refusals({ manifest, host }: Renderable): Refusal[] {
  const place = tokenIn({ host: host.address, ...manifest }, []);
  if (!place) return [];
  const message = `${place} holds a value that only Terraform knows, expected one known at synthesis`;
  return [{ path: manifest.path, message }];
}

function tokenIn(value: unknown, at: readonly string[]): string | undefined {
  if (typeof value === 'string')
    return hasToken(value)
      ? `${at[0]}${at
          .slice(1)
          .map((key) => `[${JSON.stringify(key)}]`)
          .join('')}`
      : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = tokenIn(item, [...at, key]);
    if (found) return found;
  }
  return undefined;
}

function writeFiles(root: string, manifest: Manifest): void {
  for (const [path, { content }] of Object.entries(manifest.files)) {
    if (content === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

function withoutContent(bundle: Bundle): Bundle {
  const strip = (manifest: Manifest): Manifest => ({
    ...manifest,
    files: Object.fromEntries(Object.entries(manifest.files).map(([path, { content, ...rest }]) => [path, rest])),
  });
  return { ...bundle, hosts: bundle.hosts.map((host) => ({ ...host, manifests: host.manifests.map(strip) })) };
}
