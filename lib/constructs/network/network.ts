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
   * IPv4 addresses of its services, in CIDR notation, with a prefix of 8 to 29. They are routed on the host alone: two
   * hosts may have the same.
   * @default - a /18 of 10.64.0.0/12 that follows from the names of host and network
   */
  readonly subnet?: string;
  /**
   * IPv6 addresses of its services, in CIDR notation, with a prefix of at most 96.
   * @default - a /64 of unique local addresses (fd00::/8) that follows from the names of host and network
   */
  readonly subnet6?: string;
  /**
   * Puts the names of services that the host may reach (`allowFromHost`) into the host's own /etc/hosts, each on a line
   * of its own that ends with `# bulkhead NAME`. Other lines stay as they are and go first. The lines go with the network.
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

/** What a service asks for that joins a network. */
export interface Joining {
  readonly service: Service;
  readonly address: string | undefined;
  readonly aliases: readonly string[];
  readonly published: readonly PublishedPort[];
}

/**
 * A network of services of one host, whatever runs them: each has an address and a name, and reaches the others exactly
 * where `reaches` or {@link Connections} allow it. A service on it sees one interface of its own. Nothing is bridged.
 *
 * On the host: NAME-network.service, which loads /etc/bulkhead/network/NAME/rules.nft as the table `bulkhead-NAME` of
 * nft(8) and turns forwarding on (net.ipv4.ip_forward, net.ipv6.conf.all.forwarding, accept_ra 2 where it was 1), a
 * drop-in for nftables.service, and where they are a zone of firewalld and two rules in DOCKER-USER. All of it goes with
 * the network; forwarding goes with the last one. NAME-names.path watches
 * the host's hosts(5) and name servers. Per service NAME-network.service with its namespace.
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
  /** Lines of unit, file and where the unit has mounted it over a file of the host. */
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

  /** @internal Says that a unit has files of the network mounted over those of the host. */
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
        expected: `one on ${service.host.node.path}`,
        at: `${at}.network`,
      });
    const names = [checkName(name, at), ...aliases.map((alias, index) => checkName(alias, `${at}.aliases[${index}]`))];
    for (const one of names) this.takeName(one, at);
    const assigned = wanted === undefined ? this.pool.assign(name, at) : this.pool.claim(wanted, `${at}.address`);
    if (assigned.insteadOf !== undefined)
      Annotations.of(service).addWarning(
        `gets the address ${assigned.address}, since ${assigned.insteadOf} has the one that follows from its name. It changes when that service goes: set address to keep it`,
      );
    const { address } = assigned;
    const member = { name, names, address, address6: address6Of(address, this.range6), published };
    this.members.push(member);
    this.outdate();
    return member;
  }

  /** @internal Allows something that concerns one of its services. */
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

  /** @internal What its rules are made of. */
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
      fail({ action: 'use name', value: name, problem: `is one of ${owner}`, expected: 'a free one', at });
    this.named.set(name, at);
  }
}

/** What the host must have for a network. */
export const NETWORK_PROGRAMS: Readonly<Record<string, Requirement>> = Object.fromEntries(
  ['nft', 'ip', 'nsenter', 'flock', 'ipv6', 'nf_tables'].map((program) => [program, { why: 'for the network' }]),
);

/** A file that root alone writes. */
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
    /** The network of services that are on no other one, such as machines. It is created when it is first used. */
    readonly network: Network;
  }
}

// The base knows no network. Its name has the stack's, since several stacks may share a host.
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
