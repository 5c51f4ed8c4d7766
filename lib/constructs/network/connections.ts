import { type Member, onePort, type PortRange, type Rule, showPorts } from '../../network/index';
import { fail } from '../problem';
import type { Service } from '../service/service';
import type { Attachment } from './network';
import { Port } from './port';

/** A service whose connections can be allowed. */
export interface Connectable {
  readonly connections: Connections;
}

/**
 * Who may open connections to a service on a {@link Network}, and to whom the service may. Whatever is not allowed is
 * refused. Answers pass without being allowed. A change restarts no service and ends no connection.
 */
export class Connections {
  /** @internal */
  readonly rules: Rule[] = [];

  /** @param attachment How the service is on a Network; undefined when it is not. */
  constructor(
    /** @internal */
    readonly service: Service,
    private readonly attachment: Attachment | undefined,
    private readonly listensOn: readonly PortRange[],
  ) {}

  /** Lets another service open connections to this one. @throws Error */
  allowFrom(other: Connectable, port: Port): this {
    allow(connectionsOf(other, this), this, rangesOf(port, this));
    return this;
  }

  /** Lets this service open connections to another one. @throws Error */
  allowTo(other: Connectable, port: Port): this {
    allow(this, connectionsOf(other, this), rangesOf(port, this));
    return this;
  }

  /**
   * Lets every program of the host open connections to this service.
   * @param port The ports. @default - those that the service exposes or publishes
   * @throws Error
   */
  allowFromHost(port?: Port): this {
    for (const ports of port ? rangesOf(port, this) : this.listening())
      this.add({ from: 'host', to: this.member(), ports });
    return this;
  }

  /** Lets this service open connections to the host itself, at any of its addresses, such as 169.254.1.1. @throws Error */
  allowToHost(port: Port): this {
    for (const ports of rangesOf(port, this)) this.add({ from: this.member(), to: 'host', ports });
    return this;
  }

  /**
   * Lets this service open connections to whatever is beyond the host: the internet, and also the host's own networks.
   * They leave with the host's address (masquerade).
   * @throws Error
   */
  allowToInternet(): this {
    this.add({ from: this.member(), to: 'internet' });
    return this;
  }

  /** @internal The `reaches` prop. @throws Error */
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

  /** @internal What a rule says of the service. @throws Error for a service that is not on a Network */
  member(): Member {
    return this.attached().member;
  }

  /** @internal The ports that it exposes or publishes. @throws Error when there are none */
  listening(): readonly PortRange[] {
    if (this.listensOn.length > 0) return this.listensOn;
    return fail({
      action: 'connect to',
      value: this.service.node.path,
      problem: 'it names no port that it listens on',
      expected: 'some in its expose, or connections.allowFrom() with a port',
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
    expected: 'one such as Port.tcp(5432)',
    at: path,
  });
}

/** What a service listens on: what it exposes, and its side of what it publishes. */
export function listening(
  exposed: readonly PortRange[],
  published: readonly { readonly protocol: 'tcp' | 'udp'; readonly container: string }[],
): PortRange[] {
  const all = [...exposed, ...published.map(({ protocol, container }) => onePort(protocol, container))];
  return all.filter((range, index) => all.findIndex((other) => showPorts(other) === showPorts(range)) === index);
}
