import {
  type ActualFile,
  type ActualUnit,
  type ActualUser,
  type HostState,
  linksOf,
  type Override,
  objectsAsMade,
  recordAsApplied,
  type ServicePlan,
  type ServiceRecord,
} from '../../lib/engine';
import { LOAD_PATH, parseOverrides } from '../../lib/engine/parts/override';
import { withoutContents } from '../../lib/engine/record';
import type { Manifest } from '../../lib/manifest';

export const UNIT = '/etc/systemd/system/web.service';

/** A service of one file and one unit. */
export const web: Manifest = {
  name: 'web',
  stack: 'shop',
  path: 'shop/host/web',
  runtime: 'systemd',
  files: {
    '/etc/systemd/system/web.service': { content: '[Service]\n', mode: '0644', owner: 'root', group: 'root' },
  },
  objects: {},
  units: { 'web.service': { state: 'active', enabled: true, restartOn: ['/etc/systemd/system/web.service'] } },
};

interface Parts {
  records: Map<string, ServiceRecord>;
  damaged: Map<string, string>;
  files: Map<string, ActualFile>;
  units: Map<string, ActualUnit>;
  objects: Map<string, unknown>;
  overrides: Override[];
  links: Map<string, readonly string[]>;
  users: Map<string, ActualUser>;
}

/** A host that has just what the manifests want, with changes made behind their back. */
export function hostWith(manifests: readonly Manifest[], change: (parts: Parts) => void = () => {}): HostState {
  const parts: Parts = {
    records: new Map(),
    damaged: new Map(),
    files: new Map(),
    units: new Map(),
    objects: new Map(),
    overrides: [],
    links: new Map(),
    users: new Map(),
  };
  for (const manifest of manifests) {
    parts.records.set(manifest.name, { ...recordAsApplied(manifest), manifest: withoutContents(manifest) });
    for (const [path, { content, asset, mode, owner, group }] of Object.entries(manifest.files)) {
      const body = content === undefined ? { sha256: asset ?? '' } : { content: Buffer.from(content) };
      parts.files.set(path, { type: 'file', mode, owner, group, ...body });
    }
    for (const [name, links] of linksOf(manifest)) parts.links.set(name, links);
    for (const [key, actual] of objectsAsMade(manifest.objects)) parts.objects.set(key, actual);
    for (const name of Object.keys(manifest.units)) parts.units.set(name, running);
  }
  change(parts);
  const programs = new Map([
    ['systemd', '257'],
    ['podman', '5.4.2'],
  ]);
  return { facts: { os: 'Debian', cgroup: 'v2', machine: 'x86_64', programs }, loadPath: LOAD_PATH, ...parts };
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

/** The steps of a plan, a line each. */
export const steps = (plan: ServicePlan): string[] =>
  plan.steps.map(({ verb, key, reason }) => `${verb} ${key}: ${reason}`);

/** A file that changes what a unit is. */
export function override(path: string, target = ''): Override {
  const [parsed] = parseOverrides([{ path, target }]);
  if (!parsed) throw new Error(`${path} overrides nothing`);
  return parsed;
}

/** The service with another unit file. */
export const withFile = (content: string): Manifest => ({
  ...web,
  files: { [UNIT]: { content, mode: '0644', owner: 'root', group: 'root' } },
});
