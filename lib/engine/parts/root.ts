import type { Manifest } from '../../manifest';
import type { Obstacle, Step } from '../step';

/**
 * Roots of machines that steps remove although their service is not being destroyed: it gets another name or host, is
 * created anew by the same or another construct, or no longer runs from an image. What was written into a root is lost
 * only when that was said.
 */
export function rootObstacles(steps: readonly Step[], before: Manifest, after: Manifest): Obstacle[] {
  const policy = Object.values(after.images).find(({ store }) => store === 'machines')?.retain;
  return steps
    .filter(({ verb, kind, key }) => verb === 'remove' && kind === 'images' && key.startsWith('/'))
    .filter(({ key }) => (policy ?? before.images[key]?.retain) !== false)
    .map(({ key }) => ({
      at: ['name'],
      action: `replace ${before.name}`,
      problem: `${key} would be removed with all that was written into it`,
      advice: wayOut(before, after),
    }));
}

function wayOut(before: Manifest, after: Manifest): string {
  const lose = "to lose the root, set `removalPolicy: 'destroy'`";
  if (before.name === after.name && before.path !== after.path)
    return `a \`moved\` block for its new address keeps it as it runs; ${lose}`;
  if (Object.keys(after.images).length === 0)
    return "first apply the machine with its old image and `removalPolicy: 'retain'` to keep the root, or 'destroy' to lose it";
  return `keep its name (${before.name}) and host; ${lose}; to keep it there, first apply \`removalPolicy: 'retain'\` with nothing else changed`;
}
