import { type Member, onePort, type PortRange, type Rule, showPorts } from '../../network/index';
import { fail } from '../problem';
import type { Service } from '../service/service';
import type { Attachment } from './network';
import { Port } from './port';

/** A service that can be allowed to open and accept connections. */
export interface Connectable {
  readonly connections: Connections;
}

/**
 * Which services may connect to a service on a {@link Network}, and which services it may connect to. Every other
 * connection is refused. Replies to an allowed connection pass. A change of these rules restarts no service and ends no
 * connection.
 */
export class Connections {
  /** @internal */
  readonly rules: Rule[] = [];

  /** @param attachment How the service is on a Network. Undefined when it is not on a Network. */
  constructor(
    /** @internal */
    readonly service: Service,
    private readonly attachment: Attachment | undefined,
    private readonly listensOn: readonly PortRange[],
  ) {}

  /**
   * Lets another service open connections to this service.
   * @param port Ports of this service, such as `Port.tcp(5432)`.
   * @throws Error when one of the two is not on a Network, or the other service is on another host
   */
  allowFrom(other: Connectable, port: Port): this {
    allow(connectionsOf(other, this), this, rangesOf(port, this));
    return this;
  }

  /**
   * Lets this service open connections to another service.
   * @param port Ports of the other service, such as `Port.tcp(5432)`.
   * @throws Error when one of the two is not on a Network, or the other service is on another host
   */
  allowTo(other: Connectable, port: Port): this {
    allow(this, connectionsOf(other, this), rangesOf(port, this));
    return this;
  }

  /**
   * Lets every program of the host open connections to this service.
   * @param port Ports of this service. @default - the ports that the service exposes or publishes
   * @throws Error when the service is not on a Network
   */
  allowFromHost(port?: Port): this {
    for (const ports of port ? rangesOf(port, this) : this.listening())
      this.add({ from: 'host', to: this.member(), ports });
    return this;
  }

  /**
   * Lets this service open connections to the host itself, at any address of the host, such as 169.254.1.1.
   * @param port Ports of the host.
   * @throws Error when the service is not on a Network
   */
  allowToHost(port: Port): this {
    for (const ports of rangesOf(port, this)) this.add({ from: this.member(), to: 'host', ports });
    return this;
  }

  /**
   * Lets this service open connections to addresses outside of the host: the internet, and the networks that the host
   * is on. The connections have the host's address as their source (masquerade).
   * @throws Error when the service is not on a Network
   */
  allowToInternet(): this {
    this.add({ from: this.member(), to: 'internet' });
    return this;
  }

  /** @internal Applies the `reaches` prop. @throws Error */
  reach(others: readonly Connectable[] = []): void {
    for (const other of others) {
      const to = connectionsOf(other, this);
      allow(this, to, to.listening());
    }
  }

  /** @internal Adds a rule about this service. */
  add(rule: Rule): void {
    this.rules.push(rule);
    this.attached().network.add(rule);
    this.service.outdate();
  }

  /** @internal The service, as rules name it. @throws Error for a service that is not on a Network */
  member(): Member {
    return this.attached().member;
  }

  /** @internal The ports that the service exposes or publishes. @throws Error when there are none */
  listening(): readonly PortRange[] {
    if (this.listensOn.length > 0) return this.listensOn;
    return fail({
      action: 'connect to',
      value: this.service.node.path,
      problem: 'it does not say on which ports it listens',
      expected: 'ports in its expose prop, or connections.allowFrom() with a port',
      at: this.service.node.path,
    });
  }

  private attached(): Attachment {
    if (this.attachment) return this.attachment;
    return fail({
      action: 'connect',
      value: this.service.node.path,
      problem: 'it is not on a Network',
      expected: 'network: host.network, or a Network of your own',
      at: `${this.service.node.path}.network`,
    });
  }
}

function allow(from: Connections, to: Connections, ranges: readonly PortRange[]): void {
  const [source, target] = [from.member(), to.member()];
  if (from.service.host.address !== to.service.host.address)
    fail({
      action: 'connect to',
      value: to.service.node.path,
      problem: `is on ${to.service.host.node.path}`,
      expected: `a service on ${from.service.host.node.path}; publish a port to be reached from another host`,
      at: from.service.node.path,
    });
  for (const ports of ranges) {
    const rule = { from: source, to: target, ports };
    for (const end of new Set([from, to])) end.add(rule);
  }
}

function connectionsOf(other: Connectable, { service }: Connections): Connections {
  const connections = (other as Connectable | undefined)?.connections;
  if (connections instanceof Connections) return connections;
  return fail({
    action: 'connect to',
    value: other,
    problem: 'is not a service that can be on a Network',
    expected: 'a service such as a SystemdService',
    at: service.node.path,
  });
}

function rangesOf(port: Port, { service }: Connections): PortRange[] {
  if (port instanceof Port) return [port.range];
  const { path } = service.node;
  return fail({
    action: 'open',
    value: port,
    problem: 'is not a Port',
    expected: 'a port such as Port.tcp(5432)',
    at: path,
  });
}

/** The ports that a service listens on: the exposed ports, and the service's side of the published ports. */
export function listening(
  exposed: readonly PortRange[],
  published: readonly { readonly protocol: 'tcp' | 'udp'; readonly container: string }[],
): PortRange[] {
  const all = [...exposed, ...published.map(({ protocol, container }) => onePort(protocol, container))];
  return all.filter((range, index) => all.findIndex((other) => showPorts(other) === showPorts(range)) === index);
}
