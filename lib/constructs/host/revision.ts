import type { IConstruct } from 'constructs';

const revisions = new WeakMap<IConstruct, number>();

/** A number that changes whenever a service at or below a construct is created, changed or removed. */
export function revisionOf(construct: IConstruct): number {
  return revisions.get(construct) ?? 0;
}

/** Marks a construct and everything above it as changed. */
export function revise(construct: IConstruct): void {
  for (const scope of construct.node.scopes) {
    if (!revisions.has(scope)) reviseOnRemoval(scope);
    revisions.set(scope, revisionOf(scope) + 1);
  }
}

// Node tells nobody that a construct was removed, and asking the tree each time takes time for each service.
function reviseOnRemoval(scope: IConstruct): void {
  const { node } = scope;
  const remove = node.tryRemoveChild;
  node.tryRemoveChild = (id) => {
    const isRemoved = remove.call(node, id);
    if (isRemoved) revise(scope);
    return isRemoved;
  };
}
