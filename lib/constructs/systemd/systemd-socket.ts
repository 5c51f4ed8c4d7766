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
   * Ports of the host to listen on, both sides the same. On a {@link Network} it listens there, on their second side, to
   * which they lead. ListenStream=, ListenDatagram=
   * @default - none
   */
  readonly ports?: readonly PortProp[];
  /**
   * Further ports to listen on, for other services of its {@link Network}: `5432`, `'53/udp'`. ListenStream=,
   * ListenDatagram=
   * @default - only its side of `ports`
   */
  readonly expose?: readonly ExposedPort[];
  /**
   * Paths of UNIX sockets to listen on. ListenStream=
   * @default - none
   */
  readonly paths?: readonly string[];
  /**
   * Starts the program once per connection, which it reads from standard input and answers on standard output. Without,
   * it is started once, by the first connection, and gets the sockets as sd_listen_fds(3) says. Accept=
   * @default false
   */
  readonly accept?: boolean;
  /**
   * Any directive of the socket (`Socket`, `Install`) and of its service (`Unit`, `Service`), under its own name. It
   * replaces a default of this class; one that a prop sets as well is refused.
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
 * A program of the host that the first connection starts, or each one, in the sandbox of a {@link SystemdService}: it
 * needs no right to listen itself. With `network: 'none'` the program sees no network but the connections that it is given.
 *
 * On the host: /etc/systemd/system/NAME.socket, started and enabled, and NAME.service, with `accept` NAME@.service.
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
    // Stops and restarts with its socket, which can't start while it runs.
    if (accept && this.started)
      fail({
        action: 'accept connections for',
        value: this.started.node.path,
        problem: 'each connection would start an instance of it',
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

// By default a socket comes before all services, such as the one that makes its namespace.
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
    expected: 'one port each',
    at: `${at}.expose`,
  });
}

// With BindIPv6Only=, which is for all sockets of the unit, a port alone would be one of IPv6.
function addresses({ ip, host }: Port, ipv6Only: boolean): string[] {
  if (ip !== undefined) return [listenAddress(ip, host)];
  return ipv6Only ? ['0.0.0.0', '::'].map((all) => listenAddress(all, host)) : [host];
}
