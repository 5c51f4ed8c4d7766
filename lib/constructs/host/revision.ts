import type { IConstruct } from 'constructs';

const revisions = new WeakMap<IConstruct, number>();

/** A number that differs whenever a service at or below a construct has come or changed. */
export function revisionOf(construct: IConstruct): number {
  return revisions.get(construct) ?? 0;
}

/** Says that a service has come or changed, to all that it is part of. */
export function revise(construct: IConstruct): void {
  for (const scope of construct.node.scopes) revisions.set(scope, revisionOf(scope) + 1);
}
