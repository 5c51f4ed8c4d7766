import type { Manifest } from '../../manifest';
import type { Obstacle, Step } from '../step';

/**
 * Roots of machines that steps remove although their service is not being destroyed: it gets another name or host, is
 * created anew, or no longer runs from an image. What was written into a root is lost only when that was said.
 */
export function rootObstacles(steps: readonly Step[], before: Manifest, after: Manifest): Obstacle[] {
  const [root] = Object.values(after.images).filter(({ store }) => store === 'machines');
  return steps
    .filter(({ verb, kind, key }) => verb === 'remove' && kind === 'images' && key.startsWith('/'))
    .filter(({ key }) => (root?.retain ?? before.images[key]?.retain) !== false)
    .map(({ key }) => ({
      at: ['name'],
      action: `replace ${before.name}`,
      problem: `${key} would be removed with all that was written into it`,
      advice: root
        ? `keep its name (${before.name}) and host; to lose the root, set \`removalPolicy: 'destroy'\`; to keep it there, first apply \`removalPolicy: 'retain'\` with nothing else changed`
        : "first apply the machine with its old image and `removalPolicy: 'retain'` to keep the root, or 'destroy' to lose it",
    }));
}
