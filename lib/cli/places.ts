import { type Command, Option } from 'commander';
import { observe } from '../engine';
import type { HostAddress, Manifest } from '../manifest';
import type { Transport } from '../transport';
import { chooseServices, onlyServices } from './choose-services';
import { type BundleOptions, bundleRequest, type Context } from './command';
import type { Connections } from './connections';
import { byHost } from './each-host';
import { loadShowing } from './with-plans';

export interface PlacesOptions extends BundleOptions {
  readonly host?: string;
}

export function withHostOption(command: Command): Command {
  return command.addOption(
    new Option('--host <address>', 'use services on this host, of every stack').conflicts('bundle'),
  );
}

/** Services on a host, of one or more stacks. */
export interface Place extends HostAddress {
  /** Construct path of the Host, of the first stack on it. Undefined if `--host` names the host. */
  readonly path?: string;
  readonly transport: Transport;
  readonly manifests: readonly Manifest[];
}

/**
 * The services that patterns stand for, host by host: those of the stacks, or all that Bulkhead made on one host.
 * No pattern: all.
 * @throws CommandError when a pattern finds none
 */
export function placesOf(
  patterns: readonly string[],
  options: PlacesOptions,
  connections: Connections,
  context: Context,
): Promise<Place[]> {
  return options.host
    ? placeOfHost(options.host, patterns, connections, context)
    : placesOfStacks(patterns, options, connections, context);
}

async function placeOfHost(
  address: string,
  patterns: readonly string[],
  connections: Connections,
  { signal }: Context,
): Promise<Place[]> {
  const transport = connections.to({ address });
  const { records } = await observe(transport, { services: 'all' }, signal);
  const known = [...records.values()].map(({ manifest }) => manifest);
  return [{ address, transport, manifests: patterns.length > 0 ? chooseServices(known, patterns) : known }];
}

async function placesOfStacks(
  patterns: readonly string[],
  options: PlacesOptions,
  connections: Connections,
  context: Context,
): Promise<Place[]> {
  const loaded = await loadShowing(bundleRequest(['*'], options), context);
  const bundles = patterns.length > 0 ? onlyServices(loaded, patterns) : loaded;
  const places = bundles.flatMap(({ hosts }) =>
    hosts.map(({ path, address, sshOptions, manifests }): Place => {
      const host = { address, ...(sshOptions && { sshOptions }) };
      return { path, ...host, transport: connections.to(host), manifests };
    }),
  );
  return [...byHost(places).values()].flatMap(([first, ...others]) =>
    first ? { ...first, manifests: [first, ...others].flatMap(({ manifests }) => manifests) } : [],
  );
}
