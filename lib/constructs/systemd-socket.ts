import type { Construct } from 'constructs';
import type { SocketSection } from '../directives';
import { absolutePath } from './common-directives';
import type { KnownProps } from './known-props';
import { listenAddress, type Port, type PortProp, parsePort } from './ports';
import { fail } from './problem';
import { ownPort } from './systemd-service';
import { SYSTEMD_TRIGGER_PROPS, SystemdTrigger, type SystemdTriggerProps } from './systemd-trigger';

export interface SystemdSocketProps extends SystemdTriggerProps {
  /**
   * Ports of the host to listen on. ListenStream=, ListenDatagram=
   * @default - none
   */
  readonly ports?: readonly PortProp[];
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
  readonly directives?: SystemdTriggerProps['directives'] & { readonly Socket?: SocketSection };
}

const PROPS: KnownProps<SystemdSocketProps> = { ...SYSTEMD_TRIGGER_PROPS, ports: 'list', paths: 'list', accept: true };

/**
 * A program of the host that the first connection starts, or each one, in the sandbox of a {@link SystemdService}: it
 * needs no right to listen itself.
 *
 * On the host: /etc/systemd/system/NAME.socket, started and enabled, and NAME.service, with `accept` NAME@.service.
 */
export class SystemdSocket extends SystemdTrigger {
  override readonly ports: readonly Port[];

  constructor(scope: Construct, id: string, props: SystemdSocketProps) {
    const { ports: given = [], paths = [], accept = false, directives } = props;
    super(scope, id, props, PROPS, { kind: 'socket', target: 'sockets.target', instances: accept });
    const at = this.node.path;
    this.ports = given.map((port, index) => ownPort(parsePort(port, `${at}.ports[${index}]`), port));
    paths.forEach((path, index) => {
      absolutePath(path, `paths[${index}]`, at);
    });
    if (this.ports.length + paths.length === 0 && directives?.Socket === undefined)
      fail({ action: 'listen on', value: undefined, problem: 'nothing is given', expected: 'ports or paths', at });
    const listen = (protocol: string) => this.ports.filter((port) => port.protocol === protocol).map(address);
    const streams = [...listen('tcp'), ...paths];
    const datagrams = listen('udp');
    // Stops and restarts with its socket, which can't start while it runs.
    this.program.defaults('Unit', { PartOf: this.unitName });
    if (accept)
      this.program
        .defaults('Unit', { CollectMode: 'inactive-or-failed' })
        .defaults('Service', { StandardInput: 'socket', StandardError: 'journal' });
    if (accept && props.restart === undefined) this.program.defaults('Service', { Restart: 'no' });
    this.trigger
      .prop(this.ports.length > 0 ? 'ports' : 'paths', 'Socket', {
        ListenStream: streams.length > 0 ? streams : undefined,
        ListenDatagram: datagrams.length > 0 ? datagrams : undefined,
      })
      .prop('accept', 'Socket', { Accept: props.accept });
    this.finish(directives);
  }
}

function address({ ip, host }: Port): string {
  return ip === undefined ? host : listenAddress(ip, host);
}
