import type { LoadedBundle } from './bundles';
import type { Goal } from './host-plan';

type Chosen = Pick<LoadedBundle, 'stack' | 'dependencies' | 'others'>;

/** What to say of stacks that were not chosen, although they would come before one that was: a line for each. Pure. */
export function leftOutLines(chosen: readonly Chosen[], goal: Goal): string[] {
  if (goal === 'as before') return [];
  const names = new Set(chosen.map(({ stack }) => stack));
  return chosen.flatMap(({ stack, dependencies = [], others }) => {
    const left = others.filter((other) => !names.has(other.stack));
    return goal === 'removed'
      ? left
          .filter((other) => other.dependencies?.includes(stack))
          .map((other) => `Stack "${other.stack}" depends on stack "${stack}", and is not destroyed with it.`)
      : left
          .filter((other) => dependencies.includes(other.stack))
          .map((other) => `Stack "${stack}" depends on stack "${other.stack}", which stays as it is.`);
  });
}
