import type { NewestKeys } from '../../directives/index';
import { isOlder, type Manifest, type Requirement } from '../../manifest/index';

/** What the host must have: the programs that the class needs, and the newest version that a key in the files needs. */
export function requirementsOf(
  files: readonly NewestKeys[],
  programs: Readonly<Record<string, Requirement>> = {},
): Pick<Manifest, 'requires'> {
  const requires: Record<string, Requirement> = { ...programs };
  for (const newestKeys of files) {
    for (const program of ['systemd', 'podman'] as const) {
      const { version = '0', key, section, page } = newestKeys[program] ?? {};
      if (!isOlder(requires[program]?.least ?? '0', version)) continue;
      requires[program] = { least: version, why: `for ${key}= in [${section}], see ${page}` };
    }
  }
  return Object.keys(requires).length > 0 ? { requires } : {};
}
