import type { Manifest } from '../manifest';
import { type LoadedBundle, matches } from './bundles';
import { CommandError } from './errors';

/**
 * Leaves nothing in bundles but the services that patterns stand for: names on the host, or construct paths.
 * @throws CommandError when a pattern finds none
 */
export function onlyServices(bundles: readonly LoadedBundle[], patterns: readonly string[]): LoadedBundle[] {
  const known = bundles.flatMap(({ hosts }) => hosts.flatMap(({ manifests }) => manifests));
  const chosen = new Set(chooseServices(known, patterns));
  return bundles.flatMap((bundle) => {
    const hosts = bundle.hosts.flatMap((host) => {
      const manifests = host.manifests.filter((manifest) => chosen.has(manifest));
      return manifests.length > 0 ? [{ ...host, manifests }] : [];
    });
    return hosts.length > 0 ? [{ ...bundle, hosts }] : [];
  });
}

/** The services that patterns stand for. @throws CommandError when a pattern finds none */
export function chooseServices(known: readonly Manifest[], patterns: readonly string[]): Manifest[] {
  for (const pattern of patterns) {
    if (known.some((manifest) => isMeant(pattern, manifest))) continue;
    throw new CommandError(`Cannot find service "${pattern}": expected ${expected(known)}`);
  }
  return known.filter((manifest) => patterns.some((pattern) => isMeant(pattern, manifest)));
}

function isMeant(pattern: string, { name, path }: Manifest): boolean {
  return matches(pattern, name) || matches(pattern, path);
}

function expected(known: readonly Manifest[]): string {
  if (known.length === 0) return 'a stack with services';
  const names = [...new Set(known.map(({ name }) => name))].sort();
  return `${names.length > 1 ? 'one of ' : ''}${names.join(', ')}`;
}
