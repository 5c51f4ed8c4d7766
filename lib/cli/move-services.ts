import { planTransfers, type Transfer, transfer } from '../engine';
import type { Manifest } from '../manifest';
import { approve, requireApproval } from './approval';
import type { Context } from './command';
import { withConnections } from './connections';
import { type ErrorDocument, errorDocument } from './errors';
import { type Place, type PlacesOptions, placesOf } from './places';
import { count, type Terminal, table } from './terminal';

type Owned = Pick<Manifest, 'stack' | 'project' | 'path'>;

/** What `bulkhead state mv --json` prints. */
export interface MoveDocument {
  readonly hosts: readonly {
    readonly address: string;
    readonly services: readonly {
      readonly name: string;
      /** The owner and construct path of the record. Not set for a service that does not move. */
      readonly from?: Owned;
      /** The owner and construct path in the program. */
      readonly to: Owned;
      /** `unchanged`: it belonged to that stack before. `skipped`: nothing was touched, because another one failed. */
      readonly result: 'moved' | 'unchanged' | 'failed' | 'skipped';
      readonly error?: ErrorDocument;
    }[];
  }[];
}

/** What happens on one host, or why that is not known. */
interface PlaceTransfers {
  readonly place: Place;
  readonly transfers: readonly Transfer[];
  readonly error?: ErrorDocument;
}

/**
 * Shows which services move, asks, and moves them: on all hosts, or on none if something stands in the way on one of
 * them. Returns the exit code.
 * @param patterns names or construct paths of services in the program
 */
export async function moveServices(
  patterns: readonly string[],
  { from, autoApprove, ...options }: PlacesOptions & { readonly from: string; readonly autoApprove?: boolean },
  context: Context,
): Promise<number> {
  const { terminal, signal } = context;
  requireApproval('state mv', autoApprove ? { autoApprove } : {}, terminal);
  return withConnections(async (connections) => {
    const places = await placesOf(patterns, options, connections, context);
    const looks = places.map((place) => transfersOn(place, () => lookAt(place, patterns, from, signal), signal));
    const planned = await terminal.waiting('looking', () => Promise.all(looks));
    const moving = movingIn(planned).length;
    terminal.print(...renderTransfers(planned, terminal));
    if (errorsOf(planned).length > 0 || moving === 0) {
      terminal.print(moving === 0 ? 'Nothing to move.' : 'Nothing has been touched.');
      return end(planned, false, terminal);
    }
    terminal.print(`${count(moving, 'service')} to move. Nothing is stopped or rewritten.`);
    if (!autoApprove && !(await approve('Move these services?', signal))) {
      terminal.print('Nothing has been touched.');
      return 1;
    }
    const waiting = (message: string) => terminal.warn(message);
    const moves = planned.map(({ place, transfers }) => {
      const services = transfers.map(({ service }) => service);
      return transfersOn(place, () => transfer(place.transport, services, from, { waiting, signal }), signal);
    });
    const done = await terminal.waiting('moving', () => Promise.all(moves));
    if (errorsOf(done).length === 0)
      terminal.print(`Moved ${count(movingIn(done).length, 'service')}. \`bulkhead plan\` shows what still differs.`);
    return end(done, true, terminal);
  });
}

/** @param done Whether the services were moved, rather than only looked at. */
function end(all: readonly PlaceTransfers[], done: boolean, terminal: Terminal): number {
  const errors = errorsOf(all);
  for (const error of errors) terminal.error(error);
  terminal.document(moveDocument(all, done));
  return errors.length > 0 ? 1 : 0;
}

async function lookAt(
  { transport, manifests }: Place,
  patterns: readonly string[],
  from: string,
  signal: AbortSignal,
): Promise<Transfer[]> {
  const transfers = await planTransfers(transport, manifests, from, signal);
  // `*` also matches what the next apply creates, such as the default network of a stack that has a new name.
  return transfers.filter(
    ({ service: { name, path }, absent }) => !absent || patterns.includes(name) || patterns.includes(path),
  );
}

/** Never rejects for a host: the others are of interest still. */
async function transfersOn(
  place: Place,
  work: () => Promise<Transfer[]>,
  signal: AbortSignal,
): Promise<PlaceTransfers> {
  try {
    return { place, transfers: await work() };
  } catch (error) {
    signal.throwIfAborted();
    return { place, transfers: [], error: errorDocument(error) };
  }
}

const movingIn = (all: readonly PlaceTransfers[]): Transfer[] =>
  all.flatMap(({ transfers }) => transfers.filter(({ records }) => records !== undefined));

function errorsOf(all: readonly PlaceTransfers[]): ErrorDocument[] {
  return all.flatMap(({ transfers, error }) => [
    ...(error ? [error] : []),
    ...transfers.flatMap((each) => (each.error ? [errorDocument(each.error)] : [])),
  ]);
}

/** A line for each service that moves. Pure. */
export function renderTransfers(all: readonly PlaceTransfers[], painter: Pick<Terminal, 'style'>): string[] {
  return all.flatMap(({ place, transfers }) => {
    const rows = transfers.flatMap(({ service, records }) => {
      if (!records) return [];
      const { manifest: before } = records.before;
      const between = before.project !== service.project;
      return [[service.name, `from ${inWords(before, between)}`, `to ${inWords(service, between)}`]];
    });
    if (rows.length === 0) return [];
    return [painter.style('bold', place.address), ...table(rows).map((line) => `  ${line}`)];
  });
}

/** @param between Whether the service moves between projects. */
function inWords({ stack, project, path }: Owned, between: boolean): string {
  return `stack ${stack}${between && project !== undefined ? ` of project ${project}` : ''} (${path})`;
}

/** Pure. */
export function moveDocument(all: readonly PlaceTransfers[], done: boolean): MoveDocument {
  const hosts = all.map(({ place, transfers, error }) => {
    const moved = done && transfers.every((each) => !each.error);
    const services = error
      ? place.manifests.map((service) => ({ name: service.name, to: owned(service), result: 'failed' as const, error }))
      : transfers.map((each) => ({
          name: each.service.name,
          ...(each.records && { from: owned(each.records.before.manifest) }),
          to: owned(each.service),
          ...resultOf(each, moved),
        }));
    return { address: place.address, services };
  });
  return { hosts };
}

function resultOf({ records, error }: Transfer, moved: boolean) {
  if (error) return { result: 'failed', error: errorDocument(error) } as const;
  if (!records) return { result: 'unchanged' } as const;
  return { result: moved ? 'moved' : 'skipped' } as const;
}

function owned({ stack, project, path }: Owned): Owned {
  return { stack, ...(project !== undefined && { project }), path };
}
