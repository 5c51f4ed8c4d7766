import type { ActualFile, ActualUnit, HostState, Override, ServiceRecord } from '../../lib/engine';
import { linksOf } from '../../lib/engine/parts/link';
import { LOAD_PATH } from '../../lib/engine/parts/override';
import { withoutContents } from '../../lib/engine/record';
import type { ActualUser } from '../../lib/engine/state';
import { type Manifest, unitDigest } from '../../lib/manifest';

/** A service of one file and one unit. */
export const web: Manifest = {
  name: 'web',
  stack: 'shop',
  path: 'shop/host/web',
  runtime: 'systemd',
  files: {
    '/etc/systemd/system/web.service': { content: '[Service]\n', mode: '0644', owner: 'root', group: 'root' },
  },
  images: {},
  objects: {},
  users: {},
  units: { 'web.service': { state: 'active', enabled: true, restartOn: ['/etc/systemd/system/web.service'] } },
};

interface Parts {
  records: Map<string, ServiceRecord>;
  damaged: Set<string>;
  files: Map<string, ActualFile>;
  units: Map<string, ActualUnit>;
  images: Map<string, { id: string }>;
  objects: Set<string>;
  overrides: Override[];
  links: Map<string, readonly string[]>;
  users: Map<string, ActualUser>;
}

/** A host that has just what the manifests want, with changes made behind their back. */
export function hostWith(manifests: readonly Manifest[], change: (parts: Parts) => void = () => {}): HostState {
  const parts: Parts = {
    records: new Map(),
    damaged: new Set<string>(),
    files: new Map(),
    units: new Map(),
    images: new Map(),
    objects: new Set(),
    overrides: [],
    links: new Map(),
    users: new Map(),
  };
  for (const manifest of manifests) {
    parts.records.set(manifest.name, {
      manifest: withoutContents(manifest),
      owns: {
        files: Object.keys(manifest.files),
        units: Object.keys(manifest.units),
        images: Object.keys(manifest.images),
        objects: Object.keys(manifest.objects),
        users: Object.keys(manifest.users),
      },
      complete: true,
      applied: Object.fromEntries(Object.keys(manifest.units).map((name) => [name, unitDigest(manifest, name)])),
    });
    for (const [path, { content, asset, mode, owner, group }] of Object.entries(manifest.files)) {
      const body = content === undefined ? { sha256: asset ?? '' } : { content: Buffer.from(content) };
      parts.files.set(path, { type: 'file', mode, owner, group, ...body });
    }
    for (const [name, links] of linksOf(manifest)) parts.links.set(name, links);
    for (const key of Object.keys(manifest.objects)) parts.objects.add(key);
    for (const name of Object.keys(manifest.units)) parts.units.set(name, running);
    for (const [key, image] of Object.entries(manifest.images)) parts.images.set(key, { id: image.id ?? '-' });
  }
  change(parts);
  const programs = new Map([
    ['systemd', '257'],
    ['podman', '5.4.2'],
  ]);
  return { facts: { os: 'Debian', cgroup: 'v2', programs }, loadPath: LOAD_PATH, ...parts };
}

/** Changes one value of a map. */
export function edit<T extends object>(map: Map<string, T>, key: string, change: Partial<T>): void {
  const value = map.get(key);
  if (!value) throw new Error(`no ${key} in the fixture`);
  map.set(key, { ...value, ...change });
}

export const running: ActualUnit = {
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  unitFileState: 'enabled',
  fragmentPath: '/etc/systemd/system/web.service',
  sourcePath: '',
  result: 'success',
  activeEnterTimestamp: '',
  memoryCurrent: '',
};
