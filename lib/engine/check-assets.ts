import { ArchiveError, checkFile } from '../archives';
import { ApplyError } from './errors';
import type { ServicePlan } from './step';

/** What was being done with an archive. */
interface Purpose {
  readonly service: string;
  readonly action: string;
  readonly at: readonly string[];
  readonly untouched?: boolean;
}

/**
 * Checks that the files of this machine that a service needs on its host are there and are those that the manifest
 * names. To be called before anything of the service is touched. Returns what is wrong with the first that is not.
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

/** The error of an archive, or another file of this machine, as one of the service that needs it. */
export function archiveError(host: string, purpose: Purpose, error: ArchiveError): ApplyError {
  const { file, problem, expected } = error;
  const advice = 'remove the file and synthesize it anew, or restore it from where it was kept';
  return new ApplyError({ host, ...purpose, problem: `${file}: ${problem}, expected ${expected}`, advice });
}
