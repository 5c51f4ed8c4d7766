import { join } from 'node:path';
import type { IConstruct } from 'constructs';
import { fail } from '../problem';

const COPY = Symbol.for('bulkhead/copy');
const PACKAGE = join(__dirname, '..', '..', '..');

/**
 * Refuses a tree with constructs of two copies of this package. One copy does not recognize a `Host` or an `Image` of
 * the other copy, and neither copy sees all services of a host.
 * @param directory Directory of the copy that created the construct.
 * @throws Error
 */
export function checkCopy(construct: IConstruct, directory = PACKAGE): void {
  const { root, path } = construct.node;
  const tree = root as { [COPY]?: string };
  const other = tree[COPY];
  if (other === directory) return;
  if (other === undefined) {
    Object.defineProperty(tree, COPY, { value: directory });
    return;
  }
  fail({
    action: 'use the bulkhead in',
    value: directory,
    problem: `the app already uses the copy in ${JSON.stringify(other)}`,
    expected:
      'one copy: packages of constructs must have bulkhead in their peerDependencies, and "npm ls bulkhead" shows which do not',
    at: path,
  });
}
