import type { HostState } from '../state';
import type { ServicePlan } from '../step';
import { brings, usedBy } from '../used';

/** What services use of others and ran with another content of before: the new digests. Pure. */
export function usedAnew(plans: readonly ServicePlan[], records: HostState['records']): Map<string, string> {
  return new Map(
    plans.flatMap(({ name, desired }) => {
      const before = records.get(name);
      if (!before || !desired) return [];
      const old = usedBy(before.manifest);
      return [...usedBy(desired)].filter(([used, digest]) => old.has(used) && old.get(used) !== digest);
    }),
  );
}

/**
 * Names of services that an earlier deploy has changed for services that have not started with the change yet, for
 * instance since that deploy was cut off: what they use, and the other services that have started with it. Pure.
 */
export function changedEarlier(plans: readonly ServicePlan[], records: HostState['records']): string[] {
  const anew = [...usedAnew(plans, records)];
  const own = new Set(plans.map(({ name }) => name));
  return [...records].flatMap(([name, { manifest, begun }]) => {
    if (begun || own.has(name)) return [];
    const uses = usedBy(manifest);
    const isConcerned = anew.some(([used, digest]) => brings(manifest, used) || uses.get(used) === digest);
    return isConcerned ? [name] : [];
  });
}
