import { BlockList, isIP } from 'node:net';
import type { Construct } from 'constructs';
import type { NetworkSection } from '../../directives/index';
import { type ObjectPart, objectKey } from '../../manifest/index';
import { formatAddress, parseAddress, parseSubnet as parseRange, sizeOf } from '../../network/index';
import { Token } from '../cdktf';
import type { StatedClaim } from '../host/hosted-service';
import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { contentSpec, linesOf, pairsOf, textOf } from './podman-content';
import { PodmanResource } from './podman-resource';
import type { QuadletProps } from './quadlet';
import type { RootlessProps } from './rootless';

export interface PodmanNetworkProps extends ManagedProps, RootlessProps, QuadletProps<'Network', NetworkSection> {
  /**
   * Addresses of the network in CIDR notation, IPv4 or IPv6, such as `10.89.0.0/24`. Becomes Subnet=.
   * @default - a free subnet that podman picks
   */
  readonly subnet?: string;
  /**
   * Address of the host on the network. It must be in `subnet`. Becomes Gateway=.
   * @default - the first address of the subnet
   */
  readonly gateway?: string;
  /**
   * Part of `subnet` for the addresses of containers, in CIDR notation. Becomes IPRange=.
   * @default - the whole subnet
   */
  readonly ipRange?: string;
  /**
   * Blocks connections to and from outside: containers on the network reach only each other. Becomes Internal=.
   * @default false
   */
  readonly internal?: boolean;
  /**
   * Adds IPv6 addresses to the network. Becomes IPv6=.
   * @default false
   */
  readonly ipv6?: boolean;
  /**
   * IP addresses of name servers for names outside of the network. `false` turns all name resolution off, including the
   * containers' names. Becomes DNS=, or DisableDNS= for `false`.
   * @default - the name servers of the host
   */
  readonly dns?: readonly string[] | false;
}

const PROPS: KnownProps<PodmanNetworkProps> = {
  ...MANAGED_PROPS,
  rootless: true,
  subnet: true,
  gateway: true,
  ipRange: true,
  internal: true,
  ipv6: true,
  dns: true,
  directives: true,
};

// Network names that have a special meaning for podman.
const RESERVED = ['bridge', 'container', 'default', 'host', 'none', 'ns', 'pasta', 'podman', 'private', 'slirp4netns'];

/**
 * A podman network for the `networks` of a {@link PodmanService}, {@link PodmanPod} or {@link PodmanKube}. Containers
 * on it reach each other by their names on the host. When the network changes, it is created anew, and its containers
 * restart.
 *
 * On the host: /etc/containers/systemd/NAME.network, from which systemd generates NAME-network.service.
 * @see podman-network-create(1)
 */
export class PodmanNetwork extends PodmanResource {
  constructor(scope: Construct, id: string, props: PodmanNetworkProps = {}) {
    super(scope, id, 'network', props, PROPS);
    const at = this.node.path;
    const { serviceName: name } = this;
    if (RESERVED.includes(name))
      fail({
        action: 'name a network',
        value: name,
        problem: 'has a special meaning in podman',
        expected: 'another name; set it with the name prop',
        at: props.name === undefined ? at : `${at}.name`,
      });
    checkAddresses(props, at);
    const { subnet, gateway, ipRange, internal, ipv6, dns } = props;
    this.directives
      .prop('name', 'Network', { NetworkName: name })
      .prop('subnet', 'Network', { Subnet: subnet })
      .prop('gateway', 'Network', { Gateway: gateway })
      .prop('ipRange', 'Network', { IPRange: ipRange })
      .prop('internal', 'Network', { Internal: internal })
      .prop('ipv6', 'Network', { IPv6: ipv6 })
      .prop('dns', 'Network', { DNS: dns ? dns : undefined, DisableDNS: dns === false ? true : undefined })
      // podman does not change an existing network, so the network is removed when its unit stops.
      .defaults('Service', { ExecStopPost: { argv: ['/usr/bin/podman', 'network', 'rm', name], prefix: '-' } })
      .byHand(props.directives);
    this.complete();
  }

  /** @internal */
  override get claims(): readonly StatedClaim[] {
    // The networks of a user are in that user's own network namespace.
    const subnets = this.rootless ? [] : [this.directives.get('Network', 'Subnet') ?? []].flat();
    return subnets.map((subnet) => ({ claim: `subnet ${subnet}`, prop: 'subnet' }));
  }

  protected override objects(): Readonly<Record<string, ObjectPart>> {
    return { [objectKey('podman-network', this.serviceName)]: { unit: this.unitName, ...this.content } };
  }

  private get content(): Pick<ObjectPart, 'spec'> {
    const get = (key: string) => this.directives.get('Network', key);
    return contentSpec(this.directives, 'Network', {
      driver: textOf(get('Driver') ?? 'bridge'),
      subnets: linesOf(get('Subnet'), (subnet) => parseRange(subnet)?.text),
      gateways: linesOf(get('Gateway'), canonicalAddress),
      ranges: linesOf(get('IPRange'), addressesOf),
      internal: textOf(get('Internal') ?? false),
      ipv6: get('IPv6') === true ? 'true' : undefined,
      dns: get('DisableDNS') === true ? 'false' : undefined,
      options: pairsOf(get('Options')),
      labels: pairsOf(get('Label')),
    });
  }
}

/** The first and the last address of a range that podman assigns to containers. */
function addressesOf(range: string): string | undefined {
  const subnet = parseRange(range);
  if (subnet === undefined || sizeOf(subnet) < 4n) return undefined;
  const { first, version } = subnet;
  const last = first + sizeOf(subnet) - 1n;
  return `${formatAddress(first + 1n, version)}-${formatAddress(last, version)}`;
}

function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address === undefined ? undefined : formatAddress(address, isIP(text) === 4 ? 4 : 6);
}

function checkAddresses({ subnet, gateway, ipRange, dns }: PodmanNetworkProps, at: string): void {
  const range = parseSubnet(subnet, 'subnet', at);
  parseSubnet(ipRange, 'ipRange', at);
  for (const [prop, value] of Object.entries({ gateway, ipRange })) {
    if (value !== undefined && subnet === undefined)
      fail({
        action: `set ${prop} to`,
        value,
        problem: 'subnet is not set',
        expected: 'subnet beside it',
        at: `${at}.subnet`,
      });
    const [address = ''] = value?.split('/') ?? [];
    if (range && value !== undefined && !Token.isUnresolved(value) && !range(address))
      fail({
        action: `set ${prop} to`,
        value,
        problem: `is not in ${subnet}`,
        expected: prop === 'gateway' ? 'an address in the subnet' : 'a part of the subnet',
        at: `${at}.${prop}`,
      });
  }
  if (dns === undefined || dns === false) return;
  if (!Array.isArray(dns))
    fail({
      action: 'set dns to',
      value: dns,
      problem: 'is not an array',
      expected: '[ ... ], or false',
      at: `${at}.dns`,
    });
  for (const [index, server] of dns.entries()) {
    if (!Token.isUnresolved(server) && isIP(server) === 0)
      fail({
        action: 'ask for names',
        value: server,
        problem: 'is not an IP address',
        expected: 'an address such as 192.0.2.53',
        at: `${at}.dns[${index}]`,
      });
  }
}

/**
 * Returns a function that tells whether an address is in the subnet. Undefined for a subnet that is not known yet.
 * @throws Error
 */
function parseSubnet(subnet: string | undefined, prop: string, at: string): ((address: string) => boolean) | undefined {
  if (subnet === undefined || Token.isUnresolved(subnet)) return undefined;
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(subnet) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(length) > (family === 4 ? 32 : 128))
    fail({
      action: `set ${prop} to`,
      value: subnet,
      problem: 'is not a subnet',
      expected: 'CIDR notation such as "10.89.0.0/24"',
      at: `${at}.${prop}`,
    });
  const list = new BlockList();
  list.addSubnet(address, Number(length), family === 4 ? 'ipv4' : 'ipv6');
  return (candidate) => isIP(candidate) === family && list.check(candidate, family === 4 ? 'ipv4' : 'ipv6');
}
