/** Set by `bulkhead`, which needs the bundles of a program alone: its stacks then synthesize nothing for Terraform. */
const BUNDLES_ONLY = 'BULKHEAD_BUNDLES_ONLY';

/** The environment of a program that is to synthesize bundles alone. */
export const bundlesOnly: Readonly<Record<string, string>> = { [BUNDLES_ONLY]: '1' };

/** Whether this program is to synthesize bundles alone. */
export function synthesizesBundlesOnly(): boolean {
  return process.env[BUNDLES_ONLY] === '1';
}
