import { fail } from '../problem';

/**
 * What happens to data on the host when its construct leaves the stack. `retain` keeps the data, `destroy` deletes it.
 */
export type RemovalPolicy = 'retain' | 'destroy';

/** @throws Error */
export function checkRemovalPolicy(policy: RemovalPolicy = 'retain', path: string): RemovalPolicy {
  if (policy === 'retain' || policy === 'destroy') return policy;
  return fail({
    action: 'set removalPolicy to',
    value: policy,
    problem: 'is not a removal policy',
    expected: '"retain" or "destroy"',
    at: `${path}.removalPolicy`,
  });
}
