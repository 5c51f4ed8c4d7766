import { objectKey } from '../../manifest/index';
import {
  directoryOf,
  guestBatches,
  guestRules,
  hostsFile,
  linkBatches,
  linkName,
  memberRules,
  mergeRules,
  namespacePath,
} from '../../network/index';
import { fail } from '../problem';
import type { Port } from '../props/ports';
import type { Volume } from '../props/volumes';
import type { NativeFile, Parts, Service } from '../service/service';
import { Connections, listening } from './connections';
import { resolvPath } from './names-unit';
import { mountedHosts, namespaceUnit, namespaceUnitName } from './namespace-unit';
import { type Attachment, NETWORK_PROGRAMS, Network, rootFile } from './network';
import type { NetworkedProps, NetworkMode } from './networked-props';
import { OwnLink } from './own-link';
import { parseExposed } from './port';

/** A file of the host, and its path in a service on a Network. */
export interface NetworkFile {
  readonly source: string;
  readonly target: string;
}

/** How a service mounts the files of its network. */
export interface NetworkMounts {
  /** Path of the file of directives. */
  readonly path: string;
  readonly section: string;
  /** The directive that lists the mounts. Others may set it too. */
  readonly key: string;
  readonly entries: readonly unknown[];
}

/** The network of a service: a Network, the host's network, or none. */
export class NetworkAccess {
  readonly connections: Connections;
  /** The network that the service asked for, or the default of its runtime. Undefined for the runtime's own network. */
  readonly mode: 'network' | NetworkMode | undefined;
  private readonly attachment: Attachment | undefined;

  /**
   * Puts a service on the network that its props name.
   * @param usual Default of the runtime when `network` is not set. Undefined when the runtime has its own network.
   * @param isGuest Whether a guest with its own kernel has the address, so that the namespace routes to it.
   * @throws Error
   */
  constructor(
    private readonly service: Service,
    props: NetworkedProps,
    ports: readonly Port[],
    usual?: () => Network | NetworkMode,
    private readonly isGuest = false,
  ) {
    const at = service.node.path;
    const network = checkNetwork(props.network ?? usual?.(), at);
    this.mode = network instanceof Network ? 'network' : network;
    if (network instanceof Network && service.rootless)
      fail({
        action: 'use network',
        value: network.node.path,
        problem: "a rootless service can't join a namespace of root",
        expected: '"host", "none", a PodmanNetwork in networks, or a service without `rootless`',
        at: `${at}.network`,
      });
    checkPorts(ports, this.mode);
    if (network instanceof Network) {
      const { address, aliases = [] } = props;
      const member = network.join({ service, address, aliases, published: ports });
      this.attachment = { network, member };
    } else checkOnNetwork(props, at);
    const listens = listening(parseExposed(props.expose, at), ports);
    this.connections = new Connections(service, this.attachment, listens);
    this.connections.reach(props.reaches);
  }

  /**
   * The Network of the service, which must be on the host before it. Undefined when the service is not on a Network.
   */
  get network(): Network | undefined {
    return this.attachment?.network;
  }

  /** IPv4 address on the Network. @throws Error when the service is not on a Network */
  get address(): string {
    return this.connections.member().address;
  }

  /** Name of the service on the Network. @throws Error when the service is not on a Network */
  get hostname(): string {
    return this.connections.member().names[0] ?? '';
  }

  /** Path of the namespace that the service joins. Undefined when the service is not on a Network. */
  get namespace(): string | undefined {
    return this.attachment && namespacePath(this.service.serviceName);
  }

  /** [Unit] directives of the unit that joins the namespace. */
  get unit(): { readonly Requires?: string; readonly After?: string[] } {
    if (!this.attachment) return {};
    const unit = namespaceUnitName(this.service.serviceName);
    return { Requires: unit, After: ['network.target', unit] };
  }

  /** The link, for a runtime that creates the link itself. Undefined when the service is not on a Network. */
  get ownLink(): OwnLink | undefined {
    return this.attachment && new OwnLink(this.attachment, this.connections);
  }

  /** File on the host with the names that the service may reach. Undefined when the service is not on a Network. */
  get hostsPath(): string | undefined {
    return this.attachment && `${directoryOf(this.service.serviceName)}/hosts`;
  }

  /**
   * Files that replace the service's own: the names that it may reach, and the name servers of the host. A file that
   * the service itself mounts is left out.
   * @param resolves Whether the service sets its own name servers.
   */
  files(volumes: readonly Volume[], resolves = false): NetworkFile[] {
    if (!this.attachment) return [];
    const files = [
      { source: mountedHosts(this.service.serviceName), target: '/etc/hosts' },
      ...(resolves ? [] : [{ source: resolvPath(this.attachment.network.serviceName), target: '/etc/resolv.conf' }]),
    ];
    return files.filter((file) => !volumes.some(({ target }) => target === file.target));
  }

  /**
   * Adds the parts of its network to the parts of a service.
   * @param mounts How the service mounts the files of its network: further entries of a list in its own file.
   */
  withParts(parts: Parts, mounts?: NetworkMounts): Parts {
    if (!this.attachment) return parts;
    const { network, member } = this.attachment;
    const { name } = member;
    const unitName = namespaceUnitName(name);
    const unit = `/etc/systemd/system/${unitName}`;
    const directory = directoryOf(name);
    const rules = mergeRules(this.connections.rules);
    const link = linkBatches(network.serviceName, member);
    const batches = this.isGuest ? { ...link, ...guestBatches(network.serviceName, member) } : link;
    const rulesOf = this.isGuest ? guestRules : memberRules;
    const changing = {
      [`${directory}/rules.nft`]: rulesOf({ subnet: network.subnet, subnet6: network.subnet6, rules }, member),
      [`${directory}/hosts`]: hostsFile(rules, member),
    };
    const fixed = Object.fromEntries(
      (['clean', 'link', 'inside'] as const).map((file) => [`${directory}/${file}`, batches[file]]),
    );
    const texts = { ...changing, ...fixed };
    const files = Object.fromEntries(Object.entries(texts).map(([path, content]) => [path, rootFile(content)]));
    const sections = { ...namespaceUnit(name, network, this.isGuest) } as NativeFile['sections'];
    return {
      ...parts,
      natives: { [unit]: { format: 'unit', sections }, ...mounted(parts.natives ?? {}, mounts) },
      files: { ...files, ...parts.files },
      objects: {
        [objectKey('interface', linkName(name))]: { unit: unitName },
        [objectKey('network-namespace', linkName(name))]: { unit: unitName },
        ...parts.objects,
      },
      requires: { ...parts.requires, ...NETWORK_PROGRAMS },
      units: {
        [unitName]: { state: 'active', restartOn: [unit, ...Object.keys(fixed)], reloadOn: Object.keys(changing) },
        ...parts.units,
      },
    };
  }
}

function mounted(
  natives: NonNullable<Parts['natives']>,
  mounts: NetworkMounts | undefined,
): NonNullable<Parts['natives']> {
  const native = mounts && natives[mounts.path];
  if (!mounts || !native || mounts.entries.length === 0) return natives;
  const { path, section, key, entries } = mounts;
  const directives = (native.sections[section] ?? {}) as Readonly<Record<string, unknown>>;
  const listed = directives[key] ?? [];
  const list = [...(Array.isArray(listed) ? listed : [listed]), ...entries];
  return {
    ...natives,
    [path]: { ...native, sections: { ...native.sections, [section]: { ...directives, [key]: list } } },
  };
}

function checkNetwork(network: unknown, at: string): Network | NetworkMode | undefined {
  if (network === undefined || network === 'host' || network === 'none' || network instanceof Network) return network;
  return fail({
    action: 'use network',
    value: network,
    problem: 'is not a Network',
    expected: 'a Network, "host" or "none"',
    at: `${at}.network`,
  });
}

function checkPorts(ports: readonly Port[], mode: NetworkAccess['mode']): void {
  for (const port of ports) {
    const { ip, host, at } = port;
    if (mode === 'host') hostPort(port);
    if (mode === undefined) checkSources(port);
    if (mode === 'none')
      fail({ action: 'publish', value: host, problem: 'it has no network', expected: 'no ports', at });
    if (mode === 'network' && ip === '::1')
      fail({
        action: 'publish on',
        value: ip,
        problem: "IPv6's loopback address can't be routed to a service",
        expected: '127.0.0.1',
        at,
      });
  }
}

/** Checks a port of a service that listens on the host itself. @throws Error */
export function hostPort(port: Port): Port {
  const { host, container, at } = port;
  checkSources(port);
  if (host === container) return port;
  return fail({
    action: 'publish',
    value: `${host}:${container}`,
    problem: "on the host's network, a port can't be remapped",
    expected: 'the same port on both sides, or a service on a Network',
    at,
  });
}

function checkSources({ from, at }: Port): void {
  if (from === undefined) return;
  fail({
    action: 'limit to',
    value: from.join(', '),
    problem: 'the service is not on a Network, and only a Network checks where connections come from',
    expected: 'network: host.network',
    at: `${at}.from`,
  });
}

function checkOnNetwork(props: NetworkedProps, at: string): void {
  for (const name of ['address', 'aliases', 'expose', 'reaches'] as const) {
    if (props[name] === undefined) continue;
    fail({
      action: 'set',
      value: name,
      problem: 'the service is not on a Network',
      expected: 'network: host.network, or a Network of your own',
      at: `${at}.${name}`,
    });
  }
}
