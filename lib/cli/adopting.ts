import type { Manifest } from '../manifest';
import { type LoadedBundle, matches } from './bundles';
import { CommandError } from './errors';

/**
 * Leaves nothing in bundles but the services that patterns stand for, which may take over what is there.
 * @throws CommandError when a pattern finds none
 */
export function adopting(patterns: readonly string[]): (bundles: readonly LoadedBundle[]) => LoadedBundle[] {
  return (bundles) => {
    const known = bundles.flatMap(({ hosts }) => hosts.flatMap(({ manifests }) => manifests));
    for (const pattern of patterns) {
      if (known.some((manifest) => isMeant(pattern, manifest))) continue;
      throw new CommandError(`Cannot find service "${pattern}": expected ${expected(known)}`);
    }
    return bundles.flatMap((bundle) => {
      const hosts = bundle.hosts.flatMap((host) => {
        const meant = host.manifests.filter((manifest) => patterns.some((pattern) => isMeant(pattern, manifest)));
        return meant.length > 0
          ? [{ ...host, manifests: meant.map((manifest) => ({ ...manifest, adopt: true })) }]
          : [];
      });
      return hosts.length > 0 ? [{ ...bundle, hosts }] : [];
    });
  };
}

function isMeant(pattern: string, { name, path }: Manifest): boolean {
  return matches(pattern, name) || matches(pattern, path);
}

function expected(known: readonly Manifest[]): string {
  if (known.length === 0) return 'a stack with services';
  const names = [...new Set(known.map(({ name }) => name))].sort();
  return `${names.length > 1 ? 'one of ' : ''}${names.join(', ')}`;
}
