import type { RunOptions, RunResult } from '../transport';
import { type ApplyErrorDetails, commandError } from './errors';
import type { Scope } from './scope';

/** The purpose of a command, for its error. */
export type Purpose = Omit<ApplyErrorDetails, 'host' | 'problem' | 'exitCode' | 'stderr'>;

/** Runs a command that must succeed. @throws ApplyError when it fails */
export async function run(
  scope: Scope,
  argv: readonly string[],
  purpose: Purpose,
  options: RunOptions = {},
): Promise<RunResult> {
  const result = await scope.run(argv, options);
  if (result.exitCode !== 0) throw commandError({ host: scope.address, ...purpose }, result);
  return result;
}
