import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../manifest/manifest';
import { ASSETS, type Bundle, type BundleHost, INDEX, type Refusal } from './bundle-format';
import type { Renderable, RenderableHost } from './service';
import { hasToken } from './tokens';
import { addFile, makePrivate, type Tree, writeTree } from './write-tree';

/** All that a stack puts on its hosts. */
export interface StackContent {
  /** Names of the stacks that come before. */
  readonly dependencies: readonly string[];
  readonly hosts: readonly RenderableHost[];
  /** Its outputs as JSON, by their names. */
  readonly outputs?: Readonly<Record<string, string>>;
}

/**
 * Writes the services of a stack as a bundle: their native files as they will lie on each host, and an index. What an
 * earlier synthesis left there is removed, except for assets. A service with a value that only Terraform knows is refused and left out.
 */
export function writeBundle(
  directory: string,
  stack: string,
  { dependencies, hosts, outputs = {} }: StackContent,
): void {
  const refused = hosts.flatMap(({ services }) => services.flatMap(refusals));
  const incomplete = new Set(refused.map(({ path }) => path));
  const entries = hosts.map((host) => bundleHost(host, incomplete));
  const project = hosts[0]?.project;
  const serviceDependencies = dependenciesBetween(hosts);
  const bundle: Bundle = {
    ...(project === undefined ? {} : { project }),
    stack,
    ...(dependencies.length > 0 ? { dependencies } : {}),
    ...(Object.keys(serviceDependencies).length > 0 ? { serviceDependencies } : {}),
    hosts: entries.map(withoutContent),
    ...(Object.keys(outputs).length > 0 ? { outputs } : {}),
    ...(refused.length > 0 ? { refused } : {}),
  };
  const tree: Tree = new Map(entries.map((host) => [host.id, filesOf(host)]));
  writeTree(directory, tree.set(INDEX, `${JSON.stringify(bundle, null, 2)}\n`), [ASSETS]);
  makePrivate(directory);
  // Tells who synthesizes which bundles are of this synthesis: a file that says the same is not written again.
  utimesSync(join(directory, INDEX), new Date(), new Date());
}

/** What services depend on that is on other hosts of the stack. A stack comes after other stacks as a whole. */
function dependenciesBetween(hosts: readonly RenderableHost[]): Record<string, string[]> {
  if (hosts.length < 2) return {};
  const isElsewhere = (service: Renderable, host: RenderableHost) =>
    service.host !== host && hosts.includes(service.host);
  return Object.fromEntries(
    hosts.flatMap((host) =>
      host.services.flatMap((service) => {
        const before = service.servicesBefore().filter((other) => isElsewhere(other, host));
        return before.length > 0 ? [[service.node.path, [...new Set(before.map(({ node }) => node.path))]]] : [];
      }),
    ),
  );
}

// A host without services is in the bundle, too: an apply removes the services that it had.
function bundleHost(host: RenderableHost, incomplete: ReadonlySet<string>): BundleHost {
  const { id, address, sshOptions, node } = host;
  const manifests = host.services.map(({ manifest }) => manifest).filter(({ path }) => !incomplete.has(path));
  return { id, path: node.path, address, ...(sshOptions ? { sshOptions } : {}), manifests };
}

function refusals({ manifest, host, secretValues = {} }: Renderable): Refusal[] {
  const { address } = host;
  const [secret] = Object.keys(secretValues);
  if (secret !== undefined) {
    const message = `the secret "${secret}" has a value that only Terraform knows, expected a value from an environmentVariable, file or command`;
    return [{ path: manifest.path, message }];
  }
  if (!hasToken(address) && !hasToken(JSON.stringify(manifest))) return [];
  const [kind, ...keys] = placeOfToken({ host: address, ...manifest }) ?? [];
  if (kind === undefined) return [];
  const place = kind + keys.map((key) => `[${JSON.stringify(key)}]`).join('');
  const message = `${place} has a value that only Terraform knows, expected a value that is known at synthesis`;
  return [{ path: manifest.path, message }];
}

function placeOfToken(value: unknown): string[] | undefined {
  if (typeof value === 'string') return hasToken(value) ? [] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const place = placeOfToken(item);
    if (place) return [key, ...place];
  }
  return undefined;
}

function filesOf({ manifests }: BundleHost): Tree {
  const tree: Tree = new Map();
  for (const { files } of manifests) {
    for (const [path, { content }] of Object.entries(files)) if (content !== undefined) addFile(tree, path, content);
  }
  return tree;
}

function withoutContent(host: BundleHost): BundleHost {
  const strip = (manifest: Manifest): Manifest => ({
    ...manifest,
    files: Object.fromEntries(Object.entries(manifest.files).map(([path, { content, ...rest }]) => [path, rest])),
  });
  return { ...host, manifests: host.manifests.map(strip) };
}
