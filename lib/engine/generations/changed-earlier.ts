import { posix } from 'node:path';
import { kindOf, type Manifest } from '../../manifest';
import type { HostState } from '../state';
import type { ServicePlan } from '../step';

/** Digests of what the units of a service use of other services, by how they refer to it. */
export function usedBy({ units }: Pick<Manifest, 'units'>): Map<string, string> {
  return new Map(Object.values(units).flatMap(({ triggers, reloads }) => Object.entries({ ...triggers, ...reloads })));
}

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

/** Whether a service brings what others refer to by a path, or by the name of a file. */
export function brings({ files, objects }: Pick<Manifest, 'files' | 'objects'>, used: string): boolean {
  const isFile = (path: string) => path === used || path.startsWith(`${used}/`) || posix.basename(path) === used;
  const { base, name } = posix.parse(used);
  return Object.keys(files).some(isFile) || Object.keys(objects).some((key) => [base, name].includes(kindOf(key).of));
}
