import { Command } from 'commander';
import { type HistoryEntry, readHistory } from '../engine';
import { onlyServices } from './choose-services';
import {
  type BundleOptions,
  bundleRequest,
  type Context,
  examples,
  run,
  SERVICES,
  withBundleOption,
  withOutputOptions,
} from './command';
import { withConnections } from './connections';
import { type ErrorDocument, errorLines, hostError } from './errors';
import { type Target, targetsOf } from './host-plan';
import { duration, type Terminal, table } from './terminal';
import { loadShowing } from './with-plans';

/** What `bulkhead history --json` prints. */
export interface HistoryDocument {
  readonly hosts: readonly HostHistory[];
}

interface HostHistory {
  readonly stack: string;
  /** Construct path of the Host. */
  readonly path: string;
  readonly address: string;
  readonly services: readonly {
    /** Name on the host. */
    readonly name: string;
    /** Construct path. */
    readonly path: string;
    /** Versions that the host has, the newest first. None: it was not applied. */
    readonly versions: readonly HistoryEntry[];
  }[];
  /** Why the host could not be looked at; it has no services then. */
  readonly error?: ErrorDocument;
}

export function historyCommand(): Command {
  const command = new Command('history').argument('[services...]', `${SERVICES}; without one, all services`);
  return withOutputOptions(withBundleOption(command))
    .description(
      'Show the versions of services that the hosts keep: when each was applied, its changes, and which one runs',
    )
    .addHelpText(
      'after',
      examples([
        ['bulkhead history', 'the versions of all services'],
        ['bulkhead history web', 'the versions of one service'],
        ['bulkhead history --json', 'for a script'],
        ['bulkhead rollback web', 'runs the previous version again'],
      ]),
    )
    .action((services: string[], options: BundleOptions) =>
      run(options, async (context) => {
        const loaded = await loadShowing(bundleRequest(['*'], options), context);
        const bundles = services.length > 0 ? onlyServices(loaded, services) : loaded;
        const hosts = await withConnections((connections) =>
          Promise.all(targetsOf(bundles, connections).map((target) => historyOfTarget(target, context))),
        );
        context.terminal.print(...hosts.flatMap((host) => renderHistory(host, context.terminal, Date.now())));
        context.terminal.document({ hosts } satisfies HistoryDocument);
        return hosts.some(({ error }) => error) ? 1 : 0;
      }),
    );
}

async function historyOfTarget(
  { stack, path, address, transport, manifests }: Target,
  { signal }: Context,
): Promise<HostHistory> {
  const about = { stack, path, address };
  try {
    const found = await readHistory(transport, manifests, signal);
    const services = manifests.map(({ name, path }) => ({ name, path, versions: found.get(name) ?? [] }));
    return { ...about, services };
  } catch (error) {
    signal.throwIfAborted();
    return { ...about, services: [], error: hostError(error, path) };
  }
}

/** How many changes of a version are named. */
const SHOWN = 3;

/** A line for each version. Pure. */
export function renderHistory(
  { stack, address, services, error }: HostHistory,
  painter: Pick<Terminal, 'style'>,
  now: number,
): string[] {
  const title = painter.style('bold', `${stack} on ${address}`);
  if (error) return [title, ...errorLines(error).map((line) => painter.style('red', `  ${line}`))];
  const rows = services.flatMap(({ name, versions }) =>
    versions.length === 0
      ? [[name, '-', '', 'is not on the host', '']]
      : versions.map(({ number, applied, current, changes }, index) => [
          index === 0 ? name : '',
          String(number),
          `${duration(now - Date.parse(applied))} ago`,
          current ? 'runs' : 'kept',
          inWords(changes),
        ]),
  );
  const lines = rows.length > 0 ? table([['NAME', 'VERSION', 'APPLIED', '', 'CHANGES'], ...rows]) : ['no services'];
  return [title, ...lines.map((line) => `  ${line}`)];
}

function inWords(changes: readonly string[]): string {
  const more = changes.length > SHOWN ? [`${changes.length - SHOWN} more`] : [];
  return [...changes.slice(0, SHOWN), ...more].join(', ');
}
