import { type Manifest, unitDigest } from '../manifest';
import { recordPath, recordText, withoutContents } from './record';
import type { HostState, ServiceRecord } from './state';
import type { ServicePlan, Verb } from './step';
import type { TarFile } from './tar';

/** Records to write before anything of these services is touched. */
export function claims(plans: readonly ServicePlan[], { records }: HostState): TarFile[] {
  return plans.flatMap((plan) => (plan.desired ? recordFile(claim(plan, plan.desired, records.get(plan.name))) : []));
}

/**
 * The record before anything is touched: what is about to be made is ours, and runs with what it ran with before. What
 * is taken over as it is counts as applied, so that it is not made anew when this is cut off.
 */
function claim({ steps }: ServicePlan, desired: Manifest, before: ServiceRecord | undefined): ServiceRecord {
  const both = (kind: 'files' | 'units' | 'images' | 'objects') => [
    ...new Set([...Object.keys(desired[kind]), ...(before?.owns[kind] ?? [])]),
  ];
  const owns = { files: both('files'), units: both('units'), images: both('images'), objects: both('objects') };
  const has = (verbs: readonly Verb[], key: string) =>
    steps.some((step) => verbs.includes(step.verb) && step.key === key);
  const images = Object.fromEntries(Object.entries(desired.images).filter(([key]) => !has(['load'], key)));
  const units = Object.keys(desired.units).filter((name) => !has(['restart', 'start'], name));
  return {
    manifest: before?.manifest ?? { ...withoutContents(desired), images },
    owns,
    complete: before?.complete ?? false,
    applied: before?.applied ?? digests(desired, units),
  };
}

function digests(desired: Manifest, units: readonly string[]): ServiceRecord['applied'] {
  return Object.fromEntries(units.map((name) => [name, unitDigest(desired, name)]));
}

/** The record of a service once it is applied. */
export function completed(desired: Manifest): ServiceRecord {
  const applied = digests(desired, Object.keys(desired.units));
  const owns = {
    files: Object.keys(desired.files),
    units: Object.keys(desired.units),
    images: Object.keys(desired.images),
    objects: Object.keys(desired.objects),
  };
  return { manifest: withoutContents(desired), owns, complete: true, applied };
}

export function recordFile(record: ServiceRecord): TarFile {
  const path = recordPath(record.manifest.name);
  return { path, content: recordText(record), mode: '0600', owner: 'root', group: 'root' };
}
