import { kindOf, type Manifest, reloadDigest, unitDigest } from '../manifest';
import { keptObjects, versionsAfter } from './generations/numbering';
import { instanceFiles } from './instance';
import { kindNamed } from './kinds';
import type { Phase } from './phases';
import { recordPath, recordText, withoutContents } from './record';
import { type Owned, ofEachPart, type ServiceRecord } from './service-record';
import type { HostState } from './state';
import type { ServicePlan } from './step';
import type { TarFile } from './tar';

/** Records to write before anything of these services is touched. */
export function recordsOfBegun(plans: readonly ServicePlan[], state: HostState): TarFile[] {
  return plans.flatMap((plan) => {
    const before = state.records.get(plan.name);
    if (plan.desired) return [recordFile(begun(plan, plan.desired, state)), ...instanceFiles(plan, state)];
    return before ? [recordFile({ ...before, begun: true })] : [];
  });
}

/**
 * The record before anything is touched: what is about to be made is ours, and runs with what it ran with before. What
 * is taken over as it is counts as applied, so that it is not made anew when this is cut off.
 */
function begun({ steps }: ServicePlan, desired: Manifest, state: HostState): ServiceRecord {
  const before = state.records.get(desired.name);
  const owned = owns(desired, state);
  const has = (verbs: readonly Phase[], key: string) =>
    steps.some((step) => verbs.includes(step.verb) && step.key === key);
  const objects = Object.fromEntries(Object.entries(desired.objects).filter(([key]) => !has(['load'], key)));
  // What does not run is started with what it ran with before, or with what is about to be made.
  const isOther = (name: string) =>
    desired.units[name]?.state === 'done' || before?.applied[name] !== unitDigest(desired, name);
  const starts = (name: string) => has(['restart'], name) || (has(['start'], name) && isOther(name));
  const units = Object.keys(desired.units).filter((name) => !has(['restart', 'start'], name));
  return {
    manifest: before?.manifest ?? { ...withoutContents(desired), objects },
    owns: ofEachPart((kind) => [...new Set([...owned[kind], ...(before?.owns[kind] ?? [])])]),
    complete: before?.complete ?? false,
    begun: true,
    ...(before?.generation !== undefined && { generation: before.generation }),
    ...(before?.previous && { previous: before.previous }),
    applied: before ? withoutRestarting(before.applied, starts) : digests(desired, units),
    ...(before?.reloaded && {
      reloaded: withoutRestarting(before.reloaded, (name) => has(['restart', 'reload'], name)),
    }),
  };
}

// A file may be as it was by then, while the process still runs with what somebody else had made of it.
export function withoutRestarting(applied: ServiceRecord['applied'], restarts: (name: string) => boolean) {
  return Object.fromEntries(Object.entries(applied).map(([name, digest]) => [name, restarts(name) ? '' : digest]));
}

function digests(desired: Manifest, units: readonly string[]): ServiceRecord['applied'] {
  return Object.fromEntries(units.map((name) => [name, unitDigest(desired, name)]));
}

/** The record of a service once its plan is carried out. `state` is the host as it was before. */
export function completed(
  { instance, keeps = [] }: Pick<ServicePlan, 'instance' | 'keeps'>,
  desired: Manifest,
  state: HostState,
): ServiceRecord {
  const owned = owns(desired, state);
  return {
    ...recordAsApplied(desired),
    manifest: withoutContents(desired),
    owns: { ...owned, objects: [...new Set([...owned.objects, ...keeps])] },
    ...versionsAfter(desired, state.records.get(desired.name)),
    ...(instance !== undefined && { instance }),
  };
}

/** The record of a service that was applied and made all that it names, with the contents of its files. */
export function recordAsApplied(manifest: Manifest): ServiceRecord {
  const applied = digests(manifest, Object.keys(manifest.units));
  const reloaded = Object.keys(manifest.units).flatMap((name) => {
    const digest = reloadDigest(manifest, name);
    return digest === undefined ? [] : [[name, digest] as const];
  });
  return {
    manifest,
    owns: ofEachPart((kind) => Object.keys(manifest[kind])),
    complete: true,
    applied,
    ...(reloaded.length > 0 && { reloaded: Object.fromEntries(reloaded) }),
  };
}

function owns(desired: Manifest, state: HostState): Owned {
  const record = state.records.get(desired.name);
  const ours = record?.owns.objects ?? [];
  const objects = Object.keys(desired.objects).filter((key) => {
    const lent = kindNamed(kindOf(key).kind).outlivesAdoption && state.objects.has(key);
    return !lent || ours.includes(key);
  });
  return {
    ...ofEachPart((kind) => Object.keys(desired[kind])),
    objects: [...objects, ...keptObjects(desired, record)],
  };
}

export function recordFile(record: ServiceRecord): TarFile {
  const path = recordPath(record.manifest.name);
  return { path, content: recordText(record), mode: '0600', owner: 'root', group: 'root' };
}
