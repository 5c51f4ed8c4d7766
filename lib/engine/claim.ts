import { type Manifest, PARTS, type PartKind, unitDigest } from '../manifest';
import { recordPath, recordText, withoutContents } from './record';
import type { HostState, ServiceRecord } from './state';
import type { ServicePlan, Verb } from './step';
import type { TarFile } from './tar';

/** Records to write before anything of these services is touched. */
export function claims(plans: readonly ServicePlan[], state: HostState): TarFile[] {
  return plans.flatMap((plan) => (plan.desired ? recordFile(claim(plan, plan.desired, state)) : []));
}

/**
 * The record before anything is touched: what is about to be made is ours, and runs with what it ran with before. What
 * is taken over as it is counts as applied, so that it is not made anew when this is cut off.
 */
function claim({ steps }: ServicePlan, desired: Manifest, state: HostState): ServiceRecord {
  const before = state.records.get(desired.name);
  const owned = owns(desired, state);
  const has = (verbs: readonly Verb[], key: string) =>
    steps.some((step) => verbs.includes(step.verb) && step.key === key);
  const images = Object.fromEntries(Object.entries(desired.images).filter(([key]) => !has(['load'], key)));
  const units = Object.keys(desired.units).filter((name) => !has(['restart', 'start'], name));
  return {
    manifest: before?.manifest ?? { ...withoutContents(desired), images },
    owns: ofEach((kind) => [...new Set([...owned[kind], ...(before?.owns[kind] ?? [])])]),
    complete: before?.complete ?? false,
    begun: true,
    applied: before ? withoutRestarting(before.applied, (name) => has(['restart'], name)) : digests(desired, units),
  };
}

// A file may be as it was by then, while the process still runs with what somebody else had made of it.
function withoutRestarting(applied: ServiceRecord['applied'], restarts: (name: string) => boolean) {
  return Object.fromEntries(Object.entries(applied).map(([name, digest]) => [name, restarts(name) ? '' : digest]));
}

function digests(desired: Manifest, units: readonly string[]): ServiceRecord['applied'] {
  return Object.fromEntries(units.map((name) => [name, unitDigest(desired, name)]));
}

/** The record of a service once it is applied. `state` is the host as it was before. */
export function completed(desired: Manifest, state: HostState): ServiceRecord {
  return { ...recordAsApplied(desired), manifest: withoutContents(desired), owns: owns(desired, state) };
}

/** The record of a service that was applied and made all that it names, with the contents of its files. */
export function recordAsApplied(manifest: Manifest): ServiceRecord {
  const applied = digests(manifest, Object.keys(manifest.units));
  return { manifest, owns: ofEach((kind) => Object.keys(manifest[kind])), complete: true, applied };
}

// A user that was there before is not ours to remove, unlike anything else that is taken over.
function owns(desired: Manifest, state: HostState): ServiceRecord['owns'] {
  const ours = state.records.get(desired.name)?.owns.users ?? [];
  const users = Object.keys(desired.users).filter((name) => !state.users.has(name) || ours.includes(name));
  return { ...ofEach((kind) => Object.keys(desired[kind])), users };
}

function ofEach(names: (kind: PartKind) => readonly string[]): ServiceRecord['owns'] {
  const kinds = Object.keys(PARTS) as PartKind[];
  return Object.fromEntries(kinds.map((kind) => [kind, names(kind)])) as ServiceRecord['owns'];
}

export function recordFile(record: ServiceRecord): TarFile {
  const path = recordPath(record.manifest.name);
  return { path, content: recordText(record), mode: '0600', owner: 'root', group: 'root' };
}
