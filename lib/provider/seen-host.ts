import {
  type ActualFile,
  type ActualInterface,
  type ActualUnit,
  type ActualUser,
  type HostState,
  linksOf,
  type Override,
  objectsAsMade,
  recordAsApplied,
  type ServiceRecord,
  unitIn,
} from '../engine';
import { type Manifest, mapValues, type PartKind } from '../manifest';

/**
 * What differed on the host when Terraform last refreshed a service, as plain JSON that is kept beside the state. A
 * plan uses only this and the state. In the middle of an apply, Terraform asks for the same plan again and accepts no
 * other answer, but the host may be changing already.
 */
export interface SeenHost {
  readonly record: ServiceRecord | undefined;
  /** Files without their content, which is in the state. */
  readonly files: Readonly<Record<string, Omit<ActualFile, 'content'>>>;
  readonly units: Readonly<Record<string, ActualUnit>>;
  readonly objects: Readonly<Record<string, unknown>>;
  readonly overrides: readonly Override[];
  readonly links: Readonly<Record<string, readonly string[]>>;
  readonly loadPath: readonly string[];
  readonly interfaces?: readonly ActualInterface[] | undefined;
  /** What the service uses and other services make again, and why. */
  readonly remade?: Readonly<Record<string, string>> | undefined;
  /** Why the parts of the service's user are not known. */
  readonly problem?: string | undefined;
}

/** The part of a host that concerns one service. */
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
    objects: some(host.objects, all('objects')),
    overrides: host.overrides.filter(({ name }) => names.has(name)),
    links: some(host.links, units),
    loadPath: host.loadPath,
    interfaces: host.interfaces,
    ...(host.remade && host.remade.size > 0 && { remade: Object.fromEntries(host.remade) }),
    problem: manifest.user === undefined ? undefined : host.users.get(manifest.user)?.problem,
  };
}

/** The host according to the state, and to the differences kept beside it. */
export function hostAsSeen(state: Manifest, seen: SeenHost | undefined): HostState {
  const { record, files, problem, interfaces = [], remade = {}, ...kept } = seen ?? asApplied(state);
  const scope = {
    units: new Map(Object.entries(kept.units)),
    objects: new Map(Object.entries(kept.objects)),
    links: new Map(Object.entries(kept.links)),
    loadPath: kept.loadPath,
    overrides: kept.overrides,
  };
  const user: ActualUser = { home: '', running: true, ...(problem === undefined ? {} : { problem }), scope };
  return {
    ...scope,
    users: new Map(state.user === undefined ? [] : [[state.user, user]]),
    facts: { os: '', cgroup: 'v2', machine: '', programs: new Map() },
    records: new Map(record ? [[state.name, record]] : []),
    damaged: new Map(),
    interfaces,
    remade: new Map(Object.entries(remade)),
    files: new Map(
      Object.entries(files).map(([path, file]) => {
        const content = state.files[path]?.content;
        return [path, content === undefined ? file : { ...file, content: Buffer.from(content) }];
      }),
    ),
  };
}

/** A host with the service exactly as applied. */
function asApplied(manifest: Manifest): SeenHost {
  const { files, units, objects } = manifest;
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
    objects: Object.fromEntries(objectsAsMade(objects)),
    overrides: [],
    links: Object.fromEntries(linksOf(manifest)),
    loadPath: [],
  };
}
