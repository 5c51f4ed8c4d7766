import { type Format, newestKeys } from '../directives';
import type { Manifest } from '../manifest';

/** A file before it is written. */
interface Written {
  readonly format: Format;
  readonly sections: object;
}

/** What the host must have for these files, beside the programs that a class needs: the newest key decides. */
export function requirementsOf(
  files: readonly Written[],
  programs: Readonly<Record<string, string>> = {},
): Pick<Manifest, 'requires'> {
  const requires: Record<string, string> = { ...programs };
  const newest = new Map<string, number>(Object.entries(programs).map(([name, need]) => [name, leastOf(need)]));
  for (const { format, sections } of files) {
    for (const [program, { version, key, section, page }] of Object.entries(newestKeys(format, sections))) {
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
