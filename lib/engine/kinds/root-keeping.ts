import { type Manifest, parseObjectKey } from '../../manifest';

/** Why a root that is as it should be is put in order all the same. */
export const LEFT_HALFWAY = 'has another beside it, which a change that was cut off has left';

/**
 * Advice for a root that would be lost because its service is replaced, for `keptBy` of a kind.
 * @param isRoot whether objects of a kind are such roots
 */
export function rootKeptBy(isRoot: (kind: string) => boolean): (before: Manifest, after: Manifest) => string {
  const hasRoot = ({ objects }: Manifest) =>
    Object.keys(objects).some((key) => isRoot(parseObjectKey(key)?.kind ?? ''));
  return (before, after) => {
    const lose = "to lose the root, set `removalPolicy: 'destroy'`";
    if (before.name === after.name && before.path !== after.path)
      return `a \`moved\` block for its new address keeps it running; ${lose}`;
    if (!hasRoot(after))
      return "first apply the machine with its old image and `removalPolicy: 'retain'` to keep the root, or 'destroy' to lose it";
    return `keep its name (${before.name}) and host; ${lose}; to keep it there, first apply \`removalPolicy: 'retain'\` with nothing else changed`;
  };
}
