import { kindOf } from '../manifest';
import type { Bundle } from '../rendering/bundle-format';
import { commandLine } from './command-line';
import { CommandError } from './errors';

const HERE: Readonly<Record<string, string>> = {
  environmentVariable: 'environment variable',
  file: 'file',
  command: 'command',
};

/**
 * Refuses bundles whose secrets come from this machine: whoever may change a bundle is not to read what is here, or to
 * run programs.
 * @throws CommandError that names the first one
 */
export function checkSecretSources(bundles: readonly Pick<Bundle, 'hosts'>[]): void {
  for (const { path, objects } of bundles.flatMap(({ hosts }) => hosts.flatMap(({ manifests }) => manifests))) {
    for (const [key, { spec = {} }] of Object.entries(objects)) {
      const { kind, of } = kindOf(key);
      const what = HERE[spec.source ?? ''];
      if (kind !== 'secret' || what === undefined) continue;
      throw new CommandError(
        `Cannot use the ${what} ${JSON.stringify(spec.from)} for secret ${of}: it comes from a bundle and would be read on this machine (at ${path})`,
        { advice: `if you trust who wrote the bundle: ${commandLine('--trust-secrets')}` },
      );
    }
  }
}
