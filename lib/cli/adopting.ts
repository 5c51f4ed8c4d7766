import type { LoadedBundle } from './bundles';
import { onlyServices } from './choose-services';

/**
 * Leaves nothing in bundles but the services that patterns stand for, which may take over what is there.
 * @throws CommandError when a pattern finds none
 */
export function adopting(patterns: readonly string[]): (bundles: readonly LoadedBundle[]) => LoadedBundle[] {
  return (bundles) =>
    onlyServices(bundles, patterns).map((bundle) => ({
      ...bundle,
      hosts: bundle.hosts.map((host) => ({
        ...host,
        manifests: host.manifests.map((manifest) => ({ ...manifest, adopt: true })),
      })),
    }));
}
