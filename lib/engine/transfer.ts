import { belongsTo, type Manifest } from '../manifest';
import type { Transport } from '../transport';
import { ApplyError } from './errors';
import type { Renamed } from './kind';
import { ALL_KINDS } from './kinds';
import { lock } from './lock';
import { observe } from './observe/observe';
import { recordFile } from './ownership';
import { damaged } from './plan';
import { type Command, runInSequence } from './sequence';
import type { ServiceRecord } from './service-record';
import type { HostState } from './state';
import type { Obstacle } from './step';
import { writeCommand } from './write-files';

/** What a transfer does to one service. With neither records nor an error, the service has the new owner already. */
export interface Transfer {
  /** The service as its new stack declares it. */
  readonly service: Manifest;
  /** Its record with the old owner, and with the new one. */
  readonly records?: { readonly before: ServiceRecord; readonly after: ServiceRecord };
  readonly renamed?: readonly Renamed[];
  readonly error?: ApplyError;
  /** The error is that the host does not have the service. */
  readonly absent?: true;
}

export interface TransferOptions {
  /** Called with who else changes the host, while this waits for them. */
  readonly waiting?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Looks at a host, and says what a transfer would do there. Changes nothing.
 * @param stack the stack that the services leave
 * @throws TransportError when the host can't be reached
 */
export async function planTransfers(
  transport: Transport,
  services: readonly Manifest[],
  stack: string,
  signal?: AbortSignal,
): Promise<Transfer[]> {
  const state = await observe(transport, { services: services.map(({ name }) => name) }, signal);
  return services.map((service) => transferOf(service, stack, state, transport.address));
}

/**
 * Makes services belong to the stacks that declare them. Only their records change: nothing stops, starts or is
 * rewritten. If one of them can't be transferred, none is.
 * @throws TransportError when the host is lost, or another apply runs for longer than ten minutes
 */
export async function transfer(
  transport: Transport,
  services: readonly Manifest[],
  stack: string,
  { waiting, signal }: TransferOptions = {},
): Promise<Transfer[]> {
  const held = await lock(transport, { waiting, signal });
  try {
    const transfers = await planTransfers(held.transport, services, stack, signal);
    const files = transfers.flatMap(({ records }) => (records ? [recordFile(records.after)] : []));
    const copying = transfers.flatMap(({ renamed = [], service: { path } }) =>
      renamed.map(({ from, copy }): Command => ({ argv: copy, purpose: { service: path, action: `copy ${from}` } })),
    );
    if (files.length > 0 && transfers.every(({ error }) => !error))
      await runInSequence(held.transport, [...copying, await writeCommand(files)], signal);
    return transfers;
  } finally {
    await held.release();
  }
}

/** Pure. */
export function transferOf(service: Manifest, stack: string, state: HostState, host: string): Transfer {
  const { name, path } = service;
  const record = state.records.get(name);
  const damage = state.damaged.get(name);
  const obstacle = obstacleTo(service, stack, record, damage);
  if (obstacle) {
    const error = new ApplyError({ host, service: path, untouched: true, ...obstacle });
    return { service, error, ...(!record && damage === undefined && { absent: true }) };
  }
  if (!record || belongsTo(record.manifest, service)) return { service };
  const { manifest } = record;
  const renamed = ALL_KINDS.flatMap((kind) => kind.renamed?.(manifest, service) ?? []);
  const after = renamed.reduce(withNewName, { ...record, manifest: withOwner(manifest, service) });
  return { service, records: { before: record, after }, renamed };
}

/** The object of the old name stays the service's own, so that the next apply deletes it. */
function withNewName({ manifest, owns, ...record }: ServiceRecord, { from, to, users }: Renamed): ServiceRecord {
  const { [from]: object = {}, ...others } = manifest.objects;
  return {
    ...record,
    manifest: { ...manifest, objects: { ...others, ...users, [to]: object } },
    owns: { ...owns, objects: [...new Set([...owns.objects, to])] },
  };
}

function withOwner({ project: _, ...manifest }: Manifest, { stack, project, path }: Manifest): Manifest {
  return { ...manifest, stack, path, ...(project !== undefined && { project }) };
}

function obstacleTo(
  service: Manifest,
  from: string,
  record: ServiceRecord | undefined,
  damage: string | undefined,
): Obstacle | undefined {
  const { name } = service;
  const at = ['name'];
  const action = `move ${name} from stack "${from}"`;
  if (damage !== undefined) return damaged(name, damage);
  if (!record) return { at, action, problem: 'it is not on the host', advice: 'bulkhead apply' };
  const { manifest } = record;
  if (belongsTo(manifest, service)) return undefined;
  const { stack, project, path } = manifest;
  if (stack !== from) return { at, action, problem: `it belongs to stack "${stack}" (${path})` };
  if (!belongsTo(withOwner(manifest, service), manifest)) return undefined;
  return {
    at,
    action,
    problem: `it would still belong to project "${project}", because its new stack has the same name and no project ID`,
    advice: 'set `projectId` in cdktf.json',
  };
}
