import type { NewestKeys } from '../../directives/index';
import { isOlder, type Manifest, type Requirement } from '../../manifest/index';

/** What the host must have for files of these keys, beside the programs that a class needs: the newest decides. */
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
