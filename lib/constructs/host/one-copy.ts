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
    problem: `the app uses the one in ${JSON.stringify(other)} already`,
    expected:
      'one copy: packages of constructs name bulkhead in their peerDependencies, "npm ls bulkhead" tells which do not',
    at: path,
  });
}
