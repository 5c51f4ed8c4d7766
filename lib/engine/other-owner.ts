import type { Manifest } from '../manifest';
import { quoteIfNeeded } from '../transport/quote';
import type { ServiceRecord } from './service-record';
import type { HostState } from './state';
import type { Obstacle } from './step';

/** Parts that a host can have only once per name, whichever service owns them. */
type Kind = 'files' | 'units';

type Index = ReadonlyMap<string, readonly ServiceRecord[]>;
const indexes = new WeakMap<HostState['records'], Index>();

// One map of records serves the plans of all services of a host, so its index is cached.
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

/**
 * The obstacle when a service of another name owns a file or unit. It can't be adopted, since both services would
 * change it in turns.
 */
export function otherOwner(state: HostState, desired: Manifest, kind: Kind, key: string): Obstacle | undefined {
  const owner = indexOf(state.records)
    .get(`${kind} ${key}`)
    ?.find(({ manifest: { name, user } }) => name !== desired.name && (kind === 'files' || user === desired.user));
  if (!owner) return undefined;
  const { name, stack, project, path } = owner.manifest;
  const of = project === undefined || project === desired.project ? '' : ` of project "${project}"`;
  return {
    at: [kind, key],
    action: kind === 'files' ? `write ${key}` : `create ${key}`,
    problem: `it belongs to the service "${name}" of stack "${stack}"${of} (${path}), not to "${desired.name}" of "${desired.stack}"`,
    advice:
      kind === 'files'
        ? 'give one of the two another path, or destroy the other first'
        : 'give one of the two another `name`',
  };
}

/** The obstacle that a service of the same name belongs to another stack or project. */
export function nameTaken(desired: Manifest, { manifest: { stack, project, path } }: ServiceRecord): Obstacle {
  const { name } = desired;
  const sameStack = stack === desired.stack;
  const owner = sameStack ? `stack "${stack}" of project "${project}"` : `stack "${stack}"`;
  const ifSame =
    sameStack && desired.project === undefined
      ? `set \`projectId\` in cdktf.json to "${project}"`
      : `run \`bulkhead state mv ${name} --from ${quoteIfNeeded(stack)}\``;
  return {
    at: ['name'],
    action: `create ${name}`,
    problem: `a service of that name belongs to ${owner} (${path})`,
    advice: `if it is the same service, ${ifSame}; otherwise give one of the two another \`name\``,
  };
}
