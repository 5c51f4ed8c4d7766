import { belongsTo, type Manifest } from '../manifest';
import type { Transport } from '../transport';
import { ApplyError } from './errors';
import { lock } from './lock';
import { observe } from './observe/observe';
import { recordFile } from './ownership';
import { damaged } from './plan';
import { runInSequence } from './sequence';
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
    if (files.length > 0 && transfers.every(({ error }) => !error))
      await runInSequence(held.transport, [await writeCommand(files)], signal);
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
  const after = { ...record, manifest: withOwner(record.manifest, service) };
  return { service, records: { before: record, after } };
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
