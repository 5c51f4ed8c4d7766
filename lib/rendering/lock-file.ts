import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROVIDER_SOURCE } from '../manifest/terraform';
import type { ProviderPackage } from './provider-package';

/** Another provider of the stack. */
export interface RequiredProvider {
  readonly source: string;
  readonly constraint: string | undefined;
}

const NOTE = 'Written by bulkhead';

/**
 * Writes the provider's entry to the stack's `.terraform.lock.hcl`, and changes no other entry.
 *
 * cdktf-cli asks the registry to lock a stack's providers unless this file has an entry for each of them. That fails
 * for a provider that is in no registry. cdktf-cli searches the file line by line. So the providers that are not locked
 * yet are named in a comment: cdktf-cli finds them, and `terraform init` locks them as usual.
 */
export function writeLockFile(
  stackDirectory: string,
  provider: ProviderPackage,
  others: readonly RequiredProvider[],
): void {
  const file = join(stackDirectory, '.terraform.lock.hcl');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  writeFileSync(file, lockFile(before, provider, others));
}

/** The new text of the lock file, from its text `before`. */
export function lockFile(before: string, provider: ProviderPackage, others: readonly RequiredProvider[]): string {
  const kept = before
    .replace(new RegExp(`^/\\* ${NOTE}[^]*?\\*/\\n*`, 'm'), '')
    .replace(new RegExp(`^provider "${escapeRegExp(PROVIDER_SOURCE)}" \\{[^]*?^\\}\\n*`, 'm'), '')
    .trimEnd();
  const own = [
    `provider "${PROVIDER_SOURCE}" {`,
    `  version     = "${provider.version}"`,
    `  constraints = "${provider.version}"`,
    '  hashes = [',
    `    "${provider.hash}",`,
    '  ]',
    '}',
  ].join('\n');
  const missing = others
    .map(({ source, constraint }) => ({ source: fullSource(source), constraint }))
    .filter(({ source }) => !kept.includes(`provider "${source}" {`))
    .map(({ source, constraint }) => `provider "${source}" {\n  constraints = "${constraint ?? '>= 0'}"\n}\n`);
  const note = missing.length > 0 ? `/* ${NOTE}: terraform init locks these\n${missing.join('')}*/` : '';
  return `${[kept, own, note].filter((part) => part !== '').join('\n\n')}\n`;
}

/** A provider source with the parts that Terraform adds to a short source. */
function fullSource(source: string): string {
  const parts = source.split('/');
  if (parts.length === 3) return source;
  return ['registry.terraform.io', ...(parts.length === 2 ? parts : ['hashicorp', source])].join('/');
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
