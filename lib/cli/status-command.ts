import { Command, Option } from 'commander';
import { type HostState, observe } from '../engine';
import { belongsTo } from '../manifest';
import type { NetworkDocument } from '../network';
import type { Transport } from '../transport';
import type { BundleRequest } from './bundles';
import {
  type BundleOptions,
  bundleRequest,
  type Context,
  examples,
  run,
  withBundleOptions,
  withOutputOptions,
} from './command';
import { withConnections } from './connections';
import { atEachHost } from './each-host';
import { CommandError, errorLines, hostError } from './errors';
import { leftOver, type Target, targetsOf } from './host-plan';
import { networksOf, renderMermaid, renderNetwork } from './networks';
import { factsDocument, renderFacts, type ServiceStatus, type StatusDocument, statusOf } from './status';
import { renderStatus } from './status-table';
import type { Terminal } from './terminal';
import { loadShowing } from './with-plans';

interface Options extends BundleOptions {
  readonly host?: string;
  readonly network?: boolean;
  readonly mermaid?: boolean;
}

type HostStatus = StatusDocument['hosts'][number];

export function statusCommand(): Command {
  return withOutputOptions(withBundleOptions(new Command('status')))
    .description('Show the state of services, and facts about their hosts')
    .addOption(
      new Option('--host <address>', 'show all services of Bulkhead on this host, of every stack').conflicts('bundle'),
    )
    .option('--network', 'show networks with their services, allowed connections and published ports')
    .option('--mermaid', 'print the networks as a Mermaid graph, for a README or a pull request')
    .addHelpText(
      'after',
      examples([
        ['bulkhead status', 'the services of the stack'],
        ['bulkhead status --host ssh://root@192.0.2.10', 'all services of Bulkhead on this host'],
        ['bulkhead status --json', 'for a script'],
        ['bulkhead status --network', 'addresses, names, permissions and ports'],
      ]),
    )
    .action((stacks: string[], options: Options) =>
      run(options, async (context) => {
        const hosts = options.host
          ? await statusOfHost(options.host, stacks, context)
          : await statusOfStacks(bundleRequest(stacks, options), context);
        const shown = options.network || options.mermaid ? hosts : hosts.map(({ networks: _, ...host }) => host);
        context.terminal.print(
          ...(options.mermaid
            ? renderMermaid(hosts.flatMap(({ networks = [] }) => networks))
            : shown.flatMap((host) => render(host, context.terminal))),
        );
        context.terminal.document({ hosts: shown } satisfies StatusDocument);
        return hosts.some(({ error }) => error) ? 1 : 0;
      }),
    );
}

/** Every service on a host that Bulkhead made, whoever did it. */
async function statusOfHost(address: string, stacks: readonly string[], { signal }: Context): Promise<HostStatus[]> {
  if (stacks.length > 0)
    throw new CommandError('Cannot show both stacks and a host: expected names of stacks, or --host', {
      advice: `to see all stacks on the host: bulkhead status --host ${address}`,
    });
  return withConnections(async (connections) => {
    const state = await observe(connections.to({ address }), { services: 'all', details: true }, signal);
    const records = [...state.records.values()].sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1));
    const facts = factsDocument(state.facts);
    const services = records.map((record) => statusOf(record.manifest, record, state));
    return [{ address, facts, services, networks: networksIn(services, state) }];
  });
}

async function statusOfStacks(request: BundleRequest, context: Context): Promise<HostStatus[]> {
  const bundles = await loadShowing(request, context);
  return withConnections((connections) => {
    return atEachHost(targetsOf(bundles, connections), (transport, targets) =>
      statusOfTargets(transport, targets, context.signal),
    );
  });
}

async function statusOfTargets(
  transport: Transport,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<HostStatus[]> {
  try {
    const manifests = targets.flatMap((target) => target.manifests);
    const state = await observe(transport, { services: 'all', manifests, details: true }, signal);
    return targets.map((target) => statusOfTarget(target, state));
  } catch (error) {
    signal.throwIfAborted();
    return targets.map(({ stack, path, address }) => {
      return { stack, path, address, services: [], error: hostError(error, path) };
    });
  }
}

function statusOfTarget(target: Target, state: HostState): HostStatus {
  const { stack, path, address, manifests } = target;
  const gone = leftOver(target, state).flatMap((name) => state.records.get(name)?.manifest ?? []);
  const services = [...manifests, ...gone].map((m) => {
    const record = state.records.get(m.name);
    return statusOf(m, record && belongsTo(record.manifest, m) ? record : undefined, state);
  });
  return { stack, path, address, facts: factsDocument(state.facts), services, networks: networksIn(services, state) };
}

function networksIn(services: readonly ServiceStatus[], state: HostState): NetworkDocument[] {
  return networksOf(
    services.map(({ name }) => name),
    state,
  );
}

const INDENT = '  ';

function render({ stack, address, facts, services, networks, error }: HostStatus, terminal: Terminal): string[] {
  const title = terminal.style('bold', stack ? `${stack} on ${address}` : address);
  if (error) return [title, ...errorLines(error).map((line) => terminal.style('red', `  ${line}`))];
  const lines = networks
    ? networks.flatMap(renderNetwork)
    : renderStatus(services, {
        now: Date.now(),
        stacks: stack === undefined,
        width: terminal.width && terminal.width - INDENT.length,
      });
  const nothing = networks ? 'no networks' : 'no services';
  return [
    title,
    ...(facts ? [terminal.style('dim', `  ${renderFacts(facts)}`)] : []),
    ...((networks ?? services).length > 0 ? lines : [nothing]).map((line) => INDENT + line),
  ];
}
