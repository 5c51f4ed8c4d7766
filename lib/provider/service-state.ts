import { type HostState, lacksObject, type ServiceRecord } from '../engine';
import { belongsTo, kindOf, type Manifest, type ObjectPart, unitDigest } from '../manifest';

/**
 * Whether nothing of the service is left, not even its record. Terraform then creates it anew. A service of another
 * stack with the same name is not this service, nor is another instance that has replaced it.
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

/** Whether an object was made for this service alone. Other services may have a shared object. */
function isItsOwn(key: string, { asset }: ObjectPart = {}): boolean {
  return asset !== undefined && !kindOf(key).shared;
}

// A service that moved to another construct counts as another service anyway.
function isAnother(record: ServiceRecord, { path }: Manifest, instance: string | undefined): boolean {
  return record.manifest.path === path && record.instance !== undefined && record.instance !== instance;
}

// A completed job counts as done, whatever systemd still knows of it. A unit under an unmet condition counts as
// matching.
function stateOf(name: string, wanted: string, actual: HostState, manifest: Manifest): string {
  const record = actual.records.get(manifest.name);
  if (wanted === 'done') return isDone(name, manifest, record) ? 'done' : 'not done';
  const found = actual.units.get(name);
  if (found?.loadState === 'masked') return 'masked';
  return found?.unmet === undefined ? (found?.activeState ?? 'inactive') : wanted;
}

function isDone(name: string, manifest: Manifest, record: ServiceRecord | undefined): boolean {
  // An imported service is compared with its own record.
  if (record?.manifest === manifest) return record.complete && !record.begun;
  return record?.applied[name] === unitDigest(manifest, name);
}

/** The manifest with the values of the host, so that Terraform shows each difference. */
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
    const { inPlace } = wanted;
    files[path] = { ...content, mode, owner, group, ...(inPlace !== undefined && { inPlace }) };
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
