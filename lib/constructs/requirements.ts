import type { NewestKeys } from '../directives';
import type { Manifest } from '../manifest';

/** What the host must have for files of these keys, beside the programs that a class needs: the newest decides. */
export function requirementsOf(
  files: readonly NewestKeys[],
  programs: Readonly<Record<string, string>> = {},
): Pick<Manifest, 'requires'> {
  const requires: Record<string, string> = { ...programs };
  const newest = new Map<string, number>(Object.entries(programs).map(([name, need]) => [name, leastOf(need)]));
  for (const newestKeys of files) {
    for (const program of ['systemd', 'podman'] as const) {
      const { version = '0', key, section, page } = newestKeys[program] ?? {};
      if (ordinal(version) <= (newest.get(program) ?? 0)) continue;
      newest.set(program, ordinal(version));
      requires[program] = `${version} for ${key}= in [${section}], see ${page}`;
    }
  }
  return Object.keys(requires).length > 0 ? { requires } : {};
}

function leastOf(need: string): number {
  return ordinal(/^[\d.]*/.exec(need)?.[0] ?? '');
}

function ordinal(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
}
