import type { LoadedBundle } from './bundles';
import type { Goal } from './host-plan';

type Known = LoadedBundle['others'][number];
type Chosen = Known & Pick<LoadedBundle, 'others'>;

/** What to say of stacks that were not chosen, although they would come before one that was: a line for each. Pure. */
export function leftOutLines(chosen: readonly Chosen[], goal: Goal): string[] {
  if (goal === 'as before') return [];
  const names = new Set(chosen.map(({ stack }) => stack));
  const dependsOn = (one: Known, other: Known) => one.dependencies?.includes(other.stack);
  return chosen.flatMap((bundle) => {
    const left = bundle.others.filter(({ stack }) => !names.has(stack));
    if (goal === 'removed')
      return left
        .filter((other) => dependsOn(other, bundle))
        .map(({ stack }) => `Stack "${stack}" depends on stack "${bundle.stack}", and is not destroyed with it.`);
    return left
      .filter((other) => dependsOn(bundle, other))
      .map(({ stack }) => `Stack "${bundle.stack}" depends on stack "${stack}", which stays as it is.`);
  });
}
