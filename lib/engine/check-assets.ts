import { ArchiveError, checkFile } from '../archives';
import { ApplyError } from './errors';
import type { ServicePlan } from './step';

/** The use of an archive, for errors. */
interface Purpose {
  readonly service: string;
  readonly action: string;
  readonly at: readonly string[];
  readonly untouched?: boolean;
}

/**
 * Checks that the files of this machine that a service needs on its host exist, and match the manifest. Call it before
 * anything of the service is touched. Returns the first problem.
 */
export async function assetError(
  host: string,
  plan: ServicePlan,
  asset: (sha256: string) => string,
): Promise<ApplyError | undefined> {
  for (const { verb, kind, key } of plan.steps) {
    if (kind === 'units' || (verb !== 'load' && verb !== 'write')) continue;
    const digest = plan.desired?.[kind][key]?.asset;
    if (digest === undefined) continue;
    try {
      await checkFile(asset(digest), digest);
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      const name = key.replace(/^[a-z-]+:/, '');
      const purpose = { service: plan.path, action: `${verb} ${name}`, at: [kind, key], untouched: true };
      return archiveError(host, purpose, error);
    }
  }
  return undefined;
}

/** The error of an archive, or of another file of this machine, for the service that needs it. */
export function archiveError(host: string, purpose: Purpose, error: ArchiveError): ApplyError {
  const { file, problem, expected } = error;
  const advice = 'remove the file and synthesize again, or restore the file from a backup';
  return new ApplyError({ host, ...purpose, problem: `${file}: ${problem}, expected ${expected}`, advice });
}
