import type { IConstruct } from 'constructs';

const revisions = new WeakMap<IConstruct, number>();

/** A number that changes whenever a service at or below a construct is created or changed. */
export function revisionOf(construct: IConstruct): number {
  return revisions.get(construct) ?? 0;
}

/** Marks a construct and everything above it as changed. */
export function revise(construct: IConstruct): void {
  for (const scope of construct.node.scopes) revisions.set(scope, revisionOf(scope) + 1);
}
