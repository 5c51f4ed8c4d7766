import type { Construct } from 'constructs';
import type { SocketSection } from '../../directives/index';
import { type PortRange, showPorts } from '../../network/index';
import type { StatedClaim } from '../host/hosted-service';
import { listening } from '../network/connections';
import { type ExposedPort, parseExposed } from '../network/port';
import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';
import { absolutePath } from '../props/paths';
import { listenAddress, type Port, type PortProp } from '../props/ports';
import type { WorkloadDirectives } from '../service/workload';
import { SYSTEMD_TRIGGER_PROPS, SystemdTrigger, type SystemdTriggerProps } from './systemd-trigger';

type SocketDirectives = WorkloadDirectives & { readonly Socket?: SocketSection };

export interface SystemdSocketProps extends SystemdTriggerProps {
  /**
   * Ports to listen on. On the host's network, both numbers of a port must be the same. On a {@link Network}, ports of
   * the host lead to the service, and the socket listens on the second number. Becomes ListenStream= and
   * ListenDatagram=.
   * @default - none
   */
  readonly ports?: readonly PortProp[];
  /**
   * Further ports to listen on, for other services of the {@link Network}: `5432` or `'53/udp'`. Becomes ListenStream=
   * and ListenDatagram=.
   * @default - only the service's side of `ports`
   */
  readonly expose?: readonly ExposedPort[];
  /**
   * Absolute paths of UNIX sockets to listen on. Becomes ListenStream=.
   * @default - none
   */
  readonly paths?: readonly string[];
  /**
   * Starts the program once per connection. The program reads the connection from standard input, and writes the answer
   * to standard output. Without `accept`, the first connection starts the program once, and the program gets the
   * sockets as in sd_listen_fds(3). Becomes Accept=.
   * @default false
   */
  readonly accept?: boolean;
  /**
   * Any directive of the socket (`Socket`, `Install`) and of its service (`Unit`, `Service`), under its name in the man
   * page. A directive replaces a default of this class. A directive that a prop also sets is refused.
   * @default - none
   * @throws Error for a directive that a prop also sets
   * @see systemd.socket(5), systemd.service(5)
   */
  readonly directives?: SocketDirectives;
}

const PROPS: KnownProps<SystemdSocketProps> = {
  ...SYSTEMD_TRIGGER_PROPS,
  ports: 'list',
  expose: 'list',
  paths: 'list',
  accept: true,
};

/**
 * A program of the host that starts with the first connection, or once per connection with `accept`. It runs in the
 * sandbox of a {@link SystemdService}. systemd listens, so the program does not need the right to listen. With
 * `network: 'none'`, the program sees no network except the connections that it gets.
 *
 * On the host: /etc/systemd/system/NAME.socket, started and enabled, and NAME.service, or NAME@.service with `accept`.
 */
export class SystemdSocket extends SystemdTrigger<SocketDirectives> {
  private readonly paths: readonly string[];

  constructor(scope: Construct, id: string, props: SystemdSocketProps) {
    const { paths = [], accept = false, directives, ports } = props;
    super(scope, id, props, PROPS, { kind: 'socket', target: 'sockets.target', instances: accept, ports });
    const at = this.node.path;
    this.paths = paths.map((path, index) => absolutePath(path, `paths[${index}]`, at) ?? '');
    const { namespace } = this.access;
    const exposed = parseExposed(props.expose, at);
    if (this.ports.length + exposed.length + paths.length === 0 && directives?.Socket === undefined)
      fail({ action: 'listen on', value: undefined, problem: 'nothing is given', expected: 'ports or paths', at });
    const ipv6Only = namespace === undefined && this.ports.some(({ ip }) => ip === '::');
    const listen = (protocol: string) =>
      namespace === undefined
        ? this.ports.filter((port) => port.protocol === protocol).flatMap((port) => addresses(port, ipv6Only))
        : listening(exposed, this.ports).flatMap((range) => (range.protocol === protocol ? onePort(range, at) : []));
    const streams = [...listen('tcp'), ...paths];
    const datagrams = listen('udp');
    // The service stops and restarts with its socket, since the socket can't start while the service runs.
    if (accept && this.started)
      fail({
        action: 'accept connections for',
        value: this.started.node.path,
        problem: 'each connection would start its own instance',
        expected: 'no accept, or a command',
        at: `${at}.accept`,
      });
    this.started?.addDirectives({ Unit: { PartOf: this.unitName } });
    this.program.defaults('Unit', { PartOf: this.unitName });
    if (accept) {
      this.program.defaults('Unit', { CollectMode: 'inactive-or-failed' });
      this.runsOnce({ StandardInput: 'socket', StandardError: 'journal' }, props.restart);
    }
    this.trigger
      .prop('network', 'Socket', { NetworkNamespacePath: namespace })
      .prop(this.ports.length > 0 ? 'ports' : exposed.length > 0 ? 'expose' : 'paths', 'Socket', {
        ListenStream: streams.length > 0 ? streams : undefined,
        ListenDatagram: datagrams.length > 0 ? datagrams : undefined,
      })
      .prop('accept', 'Socket', { Accept: props.accept })
      .defaults('Unit', namespace === undefined ? {} : { ...this.access.unit, ...LATE })
      .defaults('Install', namespace === undefined ? {} : { WantedBy: 'multi-user.target' })
      .defaults('Socket', { BindIPv6Only: ipv6Only ? 'ipv6-only' : undefined });
    this.finish(directives);
  }

  /** @internal */
  override get claims(): readonly StatedClaim[] {
    return [...super.claims, ...this.paths.map((path, index) => ({ claim: `file ${path}`, prop: `paths[${index}]` }))];
  }
}

// By default a socket starts before all services. This one must start after the service that creates its namespace.
const LATE = {
  DefaultDependencies: false,
  Conflicts: 'shutdown.target',
  Before: 'shutdown.target',
};

function onePort(range: PortRange, at: string): string {
  if (range.first === range.last) return range.first;
  return fail({
    action: 'listen on',
    value: showPorts(range),
    problem: 'is a range',
    expected: 'single ports',
    at: `${at}.expose`,
  });
}

// BindIPv6Only= applies to all sockets of the unit. With it, a port without an address would be IPv6 only.
function addresses({ ip, host }: Port, ipv6Only: boolean): string[] {
  if (ip !== undefined) return [listenAddress(ip, host)];
  return ipv6Only ? ['0.0.0.0', '::'].map((all) => listenAddress(all, host)) : [host];
}
