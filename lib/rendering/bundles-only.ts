/** `bulkhead` sets it, since it needs only the bundles of a program. Stacks then synthesize nothing for Terraform. */
const BUNDLES_ONLY = 'BULKHEAD_BUNDLES_ONLY';

/** Environment of a program that should synthesize only bundles. */
export const bundlesOnly: Readonly<Record<string, string>> = { [BUNDLES_ONLY]: '1' };

/** Whether this program should synthesize only bundles. */
export function synthesizesBundlesOnly(): boolean {
  return process.env[BUNDLES_ONLY] === '1';
}
