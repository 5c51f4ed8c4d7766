import type { Construct } from 'constructs';
import { type FilePart, objectKey, type Requirement } from '../../manifest/index';
import {
  address6Of,
  directoryOf,
  hostNamesFile,
  hostRules,
  type Member,
  mergeRules,
  type NetworkModel,
  networkDocument,
  type PublishedPort,
  type Rule,
  type Subnet,
  subnetsFor,
  tableName,
} from '../../network/index';
import { Annotations } from '../cdktf';
import { Host } from '../host/host';
import type { StatedClaim } from '../host/hosted-service';
import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';
import { checkSubnet, checkSubnet6 } from '../props/subnet';
import { type NativeFile, type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { AddressPool } from './address-pool';
import { HOST_SCRIPT } from './host-script';
import { NAMES_SCRIPT } from './names-script';
import { namesScriptPath, namesWatch } from './names-unit';
import { firewalldZone, hostScriptPath, networkUnit, networkUnitName, nftablesDropIn, rulesPath } from './network-unit';

export interface NetworkProps extends ManagedProps {
  /**
   * IPv4 addresses of the services, in CIDR notation with a prefix length of 8 to 29, such as `10.77.0.0/16`. The
   * addresses are routed only on this host, so two hosts may use the same subnet.
   * @default - a /18 of 10.64.0.0/12 that follows from the names of host and network
   */
  readonly subnet?: string;
  /**
   * IPv6 addresses of the services, in CIDR notation with a prefix length of at most 96, such as
   * `fd12:3456:789a:1::/64`.
   * @default - a /64 of unique local addresses (fd00::/8) that follows from the names of host and network
   */
  readonly subnet6?: string;
  /**
   * Adds the names of services to the host's own /etc/hosts. Only services that the host may reach (`allowFromHost`)
   * are added. Each added line ends with `# bulkhead NAME`. The other lines stay unchanged and come first. The added
   * lines are deleted with the network.
   * @default false
   */
  readonly hostNames?: boolean;
}

const PROPS: KnownProps<NetworkProps> = { ...MANAGED_PROPS, subnet: true, subnet6: true, hostNames: true };

/** How a service is on a network. @internal */
export interface Attachment {
  readonly network: Network;
  readonly member: Member;
}

/** What a service needs when it joins a network. */
export interface Joining {
  readonly service: Service;
  readonly address: string | undefined;
  readonly aliases: readonly string[];
  readonly published: readonly PublishedPort[];
}

/**
 * A network for services of one host, whatever runtime runs them. Each service has its own address and name. A service
 * can reach another service only where `reaches` or {@link Connections} allow it. Each service has one network
 * interface with a routed link to the host. There is no bridge.
 *
 * On the host: NAME-network.service loads /etc/bulkhead/network/NAME/rules.nft as the table `bulkhead-NAME` of nft(8).
 * It also turns forwarding on (net.ipv4.ip_forward, net.ipv6.conf.all.forwarding, and accept_ra 2 where it was 1).
 * There is a drop-in for nftables.service. If the host has firewalld or docker, a firewalld zone or two rules in
 * DOCKER-USER are added. NAME-names.path watches hosts(5) and the name servers of the host. For each service,
 * NAME-network.service has its namespace. All of this is removed with the network. Forwarding is turned off with the
 * last network.
 */
export class Network extends Service {
  /** Name of the unit: `NAME-network.service`. */
  readonly unitName: string;
  /** IPv4 addresses of its services, such as `10.70.64.0/18`. */
  readonly subnet: string;
  /** IPv6 addresses of its services, such as `fd3c:52f0:9a1e:4b7d::/64`. */
  readonly subnet6: string;
  private readonly range6: Subnet;
  private readonly pool: AddressPool;
  private readonly members: Member[] = [];
  private readonly hostNames: boolean;
  /** Lines of unit, source and target, for files that a unit mounts over files of the host. */
  private readonly mounts: string[] = [];
  private readonly rules = new Set<Rule>();
  /** Construct paths of services, by name. */
  private readonly named = new Map<string, string>();

  constructor(scope: Construct, id: string, props: NetworkProps = {}) {
    super(scope, id, 'systemd', props, PROPS);
    const at = this.node.path;
    this.unitName = networkUnitName(this.serviceName);
    const usual = subnetsFor(this.host.id, this.serviceName);
    const range = props.subnet === undefined ? usual.subnet : checkSubnet(props.subnet, `${at}.subnet`);
    this.pool = new AddressPool(range);
    this.subnet = range.text;
    this.range6 = props.subnet6 === undefined ? usual.subnet6 : checkSubnet6(props.subnet6, `${at}.subnet6`);
    this.subnet6 = this.range6.text;
    this.hostNames = props.hostNames ?? false;
    this.complete();
  }

  /** @internal Registers files of the network that a unit mounts over files of the host. */
  mountOver(unit: string, files: readonly { readonly source: string; readonly target: string }[]): void {
    this.mounts.push(...files.map(({ source, target }) => `${unit} ${source} ${target}\n`));
    this.outdate();
  }

  /** @internal Gives a service an address and names. @throws Error */
  join({ service, address: wanted, aliases, published }: Joining): Member {
    const { serviceName: name, node } = service;
    const at = node.path;
    if (service.host.address !== this.host.address)
      fail({
        action: 'use network',
        value: this.node.path,
        problem: `is on ${this.host.node.path}`,
        expected: `a Network on ${service.host.node.path}`,
        at: `${at}.network`,
      });
    const names = [checkName(name, at), ...aliases.map((alias, index) => checkName(alias, `${at}.aliases[${index}]`))];
    for (const one of names) this.takeName(one, at);
    const assigned = wanted === undefined ? this.pool.assign(name, at) : this.pool.claim(wanted, `${at}.address`);
    if (assigned.insteadOf !== undefined)
      Annotations.of(service).addWarning(
        `gets the address ${assigned.address}, since ${assigned.insteadOf} has the address that follows from its name. The address changes when ${assigned.insteadOf} is removed: set the address prop to keep it`,
      );
    const { address } = assigned;
    const member = { name, names, address, address6: address6Of(address, this.range6), published };
    this.members.push(member);
    this.outdate();
    return member;
  }

  /** @internal Adds a rule for one of the services. */
  add(rule: Rule): void {
    this.rules.add(rule);
    this.outdate();
  }

  /** @internal */
  override get claims(): readonly StatedClaim[] {
    return [
      { claim: `subnet ${this.subnet}`, prop: 'subnet' },
      { claim: `subnet ${this.subnet6}`, prop: 'subnet6' },
    ];
  }

  /** @internal The data for the rules. */
  get model(): NetworkModel {
    const { serviceName: name, subnet, subnet6, members } = this;
    return { name, subnet, subnet6, members, rules: mergeRules(this.rules) };
  }

  protected override parts(): Parts {
    const { model, unitName } = this;
    const { name } = model;
    const unit = `/etc/systemd/system/${unitName}`;
    const dropIn = `/etc/systemd/system/nftables.service.d/${name}-network.conf`;
    const rules = rulesPath(name);
    const zone = `${directoryOf(name)}/firewalld.xml`;
    const hostNames = `${directoryOf(name)}/host-names`;
    const watch = namesWatch(name, unitName);
    return {
      natives: {
        [unit]: { format: 'unit', sections: { ...networkUnit(model) } as NativeFile['sections'] },
        [dropIn]: { format: 'unit', sections: nftablesDropIn(name) },
        ...watch.natives,
      },
      files: {
        [rules]: rootFile(hostRules(model)),
        [hostScriptPath(name)]: rootFile(HOST_SCRIPT),
        [namesScriptPath(name)]: rootFile(NAMES_SCRIPT),
        [`${directoryOf(name)}/mounts`]: rootFile(this.mounts.join('')),
        ...(this.hostNames ? { [hostNames]: rootFile(hostNamesFile(model)) } : {}),
        [zone]: rootFile(firewalldZone(model)),
        [`${directoryOf(name)}/network.json`]: rootFile(`${JSON.stringify(networkDocument(model), undefined, 2)}\n`),
      },
      objects: {
        [objectKey('nft-table', tableName(name))]: { unit: unitName },
        [objectKey('subnet', this.subnet)]: {},
        [objectKey('subnet', this.subnet6)]: {},
      },
      requires: NETWORK_PROGRAMS,
      units: {
        [unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [unit, hostScriptPath(name), namesScriptPath(name), zone],
          reloadOn: this.hostNames ? [rules, hostNames] : [rules],
        },
        ...watch.units,
      },
    };
  }

  private takeName(name: string, at: string): void {
    const owner = this.named.get(name);
    if (owner !== undefined)
      fail({ action: 'use name', value: name, problem: `is taken by ${owner}`, expected: 'a free name', at });
    this.named.set(name, at);
  }
}

/** Programs and kernel features that a network needs on the host. */
export const NETWORK_PROGRAMS: Readonly<Record<string, Requirement>> = Object.fromEntries(
  ['nft', 'ip', 'nsenter', 'flock', 'ipv6', 'nf_tables'].map((program) => [program, { why: 'for the network' }]),
);

/** A file that only root can change. */
export function rootFile(content: string): FilePart {
  return { content, mode: '0644', owner: 'root', group: 'root' };
}

function checkName(name: string, at: string): string {
  const valid = typeof name === 'string' && /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(name);
  if (valid && name.length <= 253 && name !== 'localhost') return name;
  return fail({
    action: 'use name',
    value: name,
    problem: 'is not a hostname',
    expected: 'letters, digits, "-", "_" and ".", other than "localhost"',
    at,
  });
}

declare module '../host/host' {
  interface Host {
    /**
     * The default network of the host, for services that name no other Network, such as machines. It is created on
     * first use.
     */
    readonly network: Network;
  }
}

// Host must not import Network, so the property is added here. The name includes the stack's name, since several stacks
// may share a host.
Object.defineProperty(Host.prototype, 'network', {
  get(this: Host): Network {
    const existing = this.node.tryFindChild('Network');
    const name = `${this.stack.node.id}-${this.id}`;
    const { subnet } = this;
    return (
      (existing as Network | undefined) ??
      new Network(this, 'Network', { name, ...(subnet === undefined ? {} : { subnet }) })
    );
  },
});
