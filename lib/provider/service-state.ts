import { type HostState, lacksObject, type ServiceRecord } from '../engine';
import { belongsTo, kindOf, type Manifest, type ObjectPart, unitDigest } from '../manifest';

/**
 * Nothing of the service is left, not even the record of it: Terraform makes it anew. What another stack has taken the
 * name for is not this service, nor is another instance of it, which has replaced it.
 */
export function isGone(actual: HostState, manifest: Manifest, instance?: string): boolean {
  const { name, files, units, objects } = manifest;
  const record = actual.records.get(name);
  if (record) return !belongsTo(record.manifest, manifest) || isAnother(record, manifest, instance);
  const some =
    Object.keys(files).some((path) => actual.files.has(path)) ||
    Object.keys(objects).some((key) => isItsOwn(key, objects[key]) && actual.objects.has(key)) ||
    Object.keys(units).some((unit) => actual.units.get(unit)?.loadState === 'loaded');
  return !some;
}

/** Made for this service alone: others may have what is shared. */
function isItsOwn(key: string, { asset }: ObjectPart = {}): boolean {
  return asset !== undefined && !kindOf(key).shared;
}

// A service that moved to another construct is another one anyway.
function isAnother(record: ServiceRecord, { path }: Manifest, instance: string | undefined): boolean {
  return record.manifest.path === path && record.instance !== undefined && record.instance !== instance;
}

// A job that is done is so whatever systemd still knows of it, and a unit under a condition that does not hold is as wanted.
function stateOf(name: string, wanted: string, actual: HostState, manifest: Manifest): string {
  const record = actual.records.get(manifest.name);
  if (wanted === 'done') return isDone(name, manifest, record) ? 'done' : 'not done';
  const found = actual.units.get(name);
  if (found?.loadState === 'masked') return 'masked';
  return found?.unmet === undefined ? (found?.activeState ?? 'inactive') : wanted;
}

function isDone(name: string, manifest: Manifest, record: ServiceRecord | undefined): boolean {
  // One that is imported is as it was recorded.
  if (record?.manifest === manifest) return record.complete && !record.begun;
  return record?.applied[name] === unitDigest(manifest, name);
}

/** The manifest as the host has it, so that Terraform shows what differs value by value. */
export function asFound(actual: HostState, manifest: Manifest): Manifest {
  const files: Record<string, Manifest['files'][string]> = {};
  for (const [path, wanted] of Object.entries(manifest.files)) {
    const found = actual.files.get(path);
    if (found?.type !== 'file') continue;
    const { mode, owner, group } = found;
    const content =
      wanted.asset === undefined
        ? { content: found.content?.toString() ?? '' }
        : { asset: found.sha256 ?? wanted.asset };
    files[path] = { ...content, mode, owner, group };
  }
  const units: Record<string, Manifest['units'][string]> = {};
  for (const [name, wanted] of Object.entries(manifest.units)) {
    const found = actual.units.get(name);
    units[name] = {
      ...wanted,
      ...(wanted.state !== undefined && {
        state: stateOf(name, wanted.state, actual, manifest),
      }),
      ...(wanted.enabled !== undefined && { enabled: /^(enabled|alias|linked)/.test(found?.unitFileState ?? '') }),
    };
  }
  const objects = Object.fromEntries(
    Object.entries(manifest.objects).filter(([key]) => !lacksObject(actual, manifest, key)),
  );
  const path = actual.records.get(manifest.name)?.manifest.path ?? manifest.path;
  return { ...manifest, path, files, units, objects };
}
