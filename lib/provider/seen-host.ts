import {
  type ActualFile,
  type ActualUnit,
  type ActualUser,
  type HostState,
  linksOf,
  type Override,
  recordAsApplied,
  type ServiceRecord,
  unitIn,
} from '../engine';
import type { Manifest, PartKind } from '../manifest';

/**
 * What differed on the host when Terraform last refreshed a service, as plain JSON that is kept beside the state. A plan
 * is made from this and the state alone: Terraform asks for the same plan a second time in the middle of an apply, when
 * the host may be on its way already, and takes no other answer.
 */
export interface SeenHost {
  readonly record: ServiceRecord | undefined;
  /** Contents are in the state. */
  readonly files: Readonly<Record<string, Omit<ActualFile, 'content'>>>;
  readonly units: Readonly<Record<string, ActualUnit>>;
  readonly images: Readonly<Record<string, { readonly id: string }>>;
  readonly objects: readonly string[];
  readonly overrides: readonly Override[];
  readonly links: Readonly<Record<string, readonly string[]>>;
  readonly loadPath: readonly string[];
  readonly users: Readonly<Record<string, SeenUser>>;
}

type SeenUser = Omit<ActualUser, 'scope'>;

/** The part of a host that is about one service. */
export function seenHost(host: HostState, manifest: Manifest): SeenHost {
  const record = host.records.get(manifest.name);
  const all = (kind: PartKind) => new Set([...Object.keys(manifest[kind]), ...(record?.owns[kind] ?? [])]);
  const some = <T>(map: ReadonlyMap<string, T>, keys: ReadonlySet<string>) =>
    Object.fromEntries([...map].filter(([key]) => keys.has(key)));
  const [files, units] = [all('files'), all('units')];
  const names = new Set([...units, ...[...files].map((path) => path.slice(path.lastIndexOf('/') + 1))]);
  return {
    record,
    files: mapValues(some(host.files, files), ({ content: _, ...file }) => file),
    units: some(host.units, units),
    images: some(host.images, all('images')),
    objects: [...all('objects')].filter((key) => host.objects.has(key)),
    overrides: host.overrides.filter(({ name }) => names.has(name)),
    links: some(host.links, units),
    loadPath: host.loadPath,
    users: mapValues(some(host.users, all('users')), ({ scope: _, ...user }) => user),
  };
}

/** The host as the state tells it, and what was kept beside that, if it differed. */
export function hostAsSeen(state: Manifest, seen: SeenHost | undefined): HostState {
  const { record, files, users, loadPath, overrides, ...kept } = seen ?? asApplied(state);
  const scope = {
    units: new Map(Object.entries(kept.units)),
    images: new Map(Object.entries(kept.images)),
    objects: new Set(kept.objects),
    links: new Map(Object.entries(kept.links)),
    loadPath,
    overrides,
  };
  const known = Object.entries(users).map(([name, user]) => [name, { ...user, scope }] as const);
  return {
    ...scope,
    users: new Map(state.user === undefined ? known : [[state.user, { ...userAsApplied(''), scope }]]),
    facts: { os: '', cgroup: 'v2', programs: new Map() },
    records: new Map(record ? [[state.name, record]] : []),
    damaged: new Set(),
    files: new Map(
      Object.entries(files).map(([path, file]) => {
        const content = state.files[path]?.content;
        return [path, content === undefined ? file : { ...file, content: Buffer.from(content) }];
      }),
    ),
  };
}

function userAsApplied(home: string, group = ''): SeenUser {
  return { home, group, subordinateIds: true, linger: true, running: true };
}

/** A host that has a service as it was applied. */
function asApplied(manifest: Manifest): SeenHost {
  const { files, units, images, objects, users } = manifest;
  return {
    record: recordAsApplied(manifest),
    files: mapValues(files, ({ mode, owner, group, asset }) => ({
      type: 'file' as const,
      mode,
      owner,
      group,
      ...(asset !== undefined && { sha256: asset }),
    })),
    units: mapValues(units, ({ state = 'inactive', enabled }) =>
      unitIn(state, enabled === undefined ? 'generated' : enabled ? 'enabled' : 'disabled'),
    ),
    images: mapValues(images, ({ id = '-' }) => ({ id })),
    objects: Object.keys(objects),
    overrides: [],
    links: Object.fromEntries(linksOf(manifest)),
    loadPath: [],
    users: Object.fromEntries(Object.entries(users).map(([name, { home }]) => [name, userAsApplied(home, name)])),
  };
}

function mapValues<T, U>(object: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
