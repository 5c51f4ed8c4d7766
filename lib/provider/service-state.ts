import type { HostState } from '../engine';
import { belongsTo, type Manifest } from '../manifest';

/**
 * Nothing of the service is left, not even the record of it: Terraform makes it anew. What another stack has taken the
 * name for is not this service.
 */
export function isGone(actual: HostState, manifest: Manifest): boolean {
  const { name, files, units, images } = manifest;
  const record = actual.records.get(name);
  if (record) return !belongsTo(record.manifest, manifest);
  const some =
    Object.keys(files).some((path) => actual.files.has(path)) ||
    Object.keys(images).some((key) => actual.images.has(key)) ||
    Object.keys(units).some((unit) => actual.units.get(unit)?.loadState === 'loaded');
  return !some;
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
        state: found?.loadState === 'masked' ? 'masked' : (found?.activeState ?? 'inactive'),
      }),
      ...(wanted.enabled !== undefined && { enabled: /^(enabled|alias|linked)/.test(found?.unitFileState ?? '') }),
    };
  }
  const images = Object.fromEntries(Object.entries(manifest.images).filter(([key]) => actual.images.has(key)));
  const users = Object.fromEntries(Object.entries(manifest.users).filter(([name]) => actual.users.has(name)));
  const path = actual.records.get(manifest.name)?.manifest.path ?? manifest.path;
  return { ...manifest, path, files, units, images, users };
}
