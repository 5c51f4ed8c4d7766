import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundle, type BundleHost, INDEX } from '../rendering/bundle-format';
import { checkBundle } from '../rendering/check-bundle';

/** Keeps, beside the bundles, what a Host that is gone had when it was last synthesized. */
const FILE = 'former-hosts.json';

/** A Host that had services and is no longer in its stack. Nothing looks at it, so that what it had stays there. */
export interface FormerHost {
  readonly stack: string;
  /** Construct path that it had. */
  readonly path: string;
  readonly address: string;
  /** Names of its services. */
  readonly services: readonly string[];
}

/** The bundles of a directory as they were before a synthesis. */
export interface BundlesBefore {
  /** When each index was written, by stack. */
  readonly written: ReadonlyMap<string, number>;
  readonly hosts: readonly FormerHost[];
}

export function bundlesBefore(output: string): BundlesBefore {
  const stacks = stacksIn(output);
  const hosts = [
    ...stacks.flatMap((stack) =>
      readHosts(output, stack)
        .filter(({ manifests }) => manifests.length > 0)
        .map((host) => asFormer(stack, host)),
    ),
    ...(readJson(join(output, FILE), checkFormer) ?? []),
  ];
  return { written: new Map(stacks.map((stack) => [stack, writtenAt(output, stack)])), hosts };
}

/**
 * Removes bundles that a synthesis has not written again, since their stacks have no Host any more, and notes the hosts
 * that are gone.
 * @returns those hosts
 */
export function removeFormerBundles(output: string, { written, hosts }: BundlesBefore): FormerHost[] {
  for (const [stack, at] of written) {
    if (writtenAt(output, stack) === at) rmSync(join(output, 'bundle', stack), { recursive: true, force: true });
  }
  const now = stacksIn(output).flatMap((stack) => readHosts(output, stack).map(({ address }) => `${stack} ${address}`));
  const gone = new Map(
    hosts.map((host) => [`${host.stack} ${host.address}`, host] as const).filter(([key]) => !now.includes(key)),
  );
  if (gone.size > 0) writeFileSync(join(output, FILE), `${JSON.stringify([...gone.values()], null, 2)}\n`);
  else rmSync(join(output, FILE), { force: true });
  return [...gone.values()];
}

/** What to say of hosts that are gone: a line for each, and what to do. */
export function formerHostLines(hosts: readonly FormerHost[], output: string): string[] {
  if (hosts.length === 0) return [];
  return [
    ...hosts.map(
      ({ path, address, services }) =>
        `${path} is no longer in the program. These services may still be on ${address}: ${services.join(', ')}`,
    ),
    '  do: put the Host back without services, apply, and then remove it; if the machine is gone, delete ' +
      join(output, FILE),
  ];
}

function asFormer(stack: string, { path, address, manifests }: BundleHost): FormerHost {
  return { stack, path, address, services: manifests.map(({ name }) => name) };
}

function readHosts(output: string, stack: string): Bundle['hosts'] {
  return readJson(indexPath(output, stack), checkBundle)?.hosts ?? [];
}

const indexPath = (output: string, stack: string): string => join(output, 'bundle', stack, INDEX);

function stacksIn(output: string): string[] {
  const directory = join(output, 'bundle');
  if (!existsSync(directory)) return [];
  return readdirSync(directory).filter((stack) => existsSync(indexPath(output, stack)));
}

function writtenAt(output: string, stack: string): number {
  return statSync(indexPath(output, stack), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

// What is damaged or of another version says nothing.
function readJson<T>(path: string, check: (value: unknown) => T): T | undefined {
  try {
    return check(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function checkFormer(value: unknown): FormerHost[] {
  return (value as FormerHost[]).map(({ stack, path, address, services }) => ({
    stack: String(stack),
    path: String(path),
    address: String(address),
    services: services.map(String),
  }));
}
