import type { Manifest } from '../manifest';
import type { ServiceRecord } from './service-record';
import type { HostState } from './state';
import type { Obstacle } from './step';

/** Parts of which a host has only one of a name, whichever service it belongs to. */
type Kind = 'files' | 'units';

type Index = ReadonlyMap<string, readonly ServiceRecord[]>;
const indexes = new WeakMap<HostState['records'], Index>();

// One map of records serves the plans of all services of a host.
function indexOf(records: HostState['records']): Index {
  const known = indexes.get(records);
  if (known) return known;
  const index = new Map<string, ServiceRecord[]>();
  for (const record of records.values()) {
    for (const kind of ['files', 'units'] as const) {
      for (const key of record.owns[kind])
        index.set(`${kind} ${key}`, [...(index.get(`${kind} ${key}`) ?? []), record]);
    }
  }
  indexes.set(records, index);
  return index;
}

/** What stands in the way of a file or unit: a service of another name owns it. It can't be adopted, or both would fight. */
export function otherOwner(state: HostState, desired: Manifest, kind: Kind, key: string): Obstacle | undefined {
  const owner = indexOf(state.records)
    .get(`${kind} ${key}`)
    ?.find(({ manifest: { name, user } }) => name !== desired.name && (kind === 'files' || user === desired.user));
  if (!owner) return undefined;
  const { name, stack, project, path } = owner.manifest;
  const of = project === undefined || project === desired.project ? '' : ` of project "${project}"`;
  return {
    at: [kind, key],
    action: kind === 'files' ? `write ${key}` : `make ${key}`,
    problem: `it belongs to the service "${name}" of stack "${stack}"${of} (${path}), not to "${desired.name}" of "${desired.stack}"`,
    advice:
      kind === 'files'
        ? 'give one of the two another path, or destroy the other first'
        : 'give one of the two another `name`',
  };
}
