import { kindOf } from '../manifest';
import type { HostState } from './state';
import type { Obstacle, ServicePlan } from './step';

/**
 * The obstacle when a service's files should belong to users or groups that the host does not have. tar(1) would give
 * such files to root.
 * @param plans All plans to apply: users that they create count as existing.
 */
export function ownerObstacle(
  plan: ServicePlan,
  plans: readonly ServicePlan[],
  state: HostState,
): Obstacle | undefined {
  const coming = new Set(
    plans.flatMap(({ desired }) =>
      Object.keys(desired?.objects ?? {}).flatMap((key) => (kindOf(key).kind === 'user' ? kindOf(key).of : [])),
    ),
  );
  const exists = (kind: 'user' | 'group', name: string) =>
    name === 'root' || coming.has(name) || state.accounts?.has(`${kind} ${name}`) === true;
  for (const { verb, key } of plan.steps) {
    const file = verb === 'write' ? plan.desired?.files[key] : undefined;
    if (!file) continue;
    const [kind, name] = exists('user', file.owner)
      ? (['group', file.group] as const)
      : (['user', file.owner] as const);
    if (exists(kind, name)) continue;
    return {
      at: ['files', key],
      action: `write ${key}`,
      problem: `the host has no ${kind} "${name}", expected a ${kind} of the host`,
      advice:
        kind === 'user'
          ? `useradd --system ${name}, or declare it as a User that the file depends on`
          : `groupadd --system ${name}`,
    };
  }
  return undefined;
}
