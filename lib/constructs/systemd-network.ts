import type { Construct } from 'constructs';
import type { NetworkFile } from '../directives';
import { checkMatch, NetworkdFile, type NetworkdFileProps } from './networkd-file';

export interface SystemdNetworkProps extends NetworkdFileProps<NetworkFile> {
  /**
   * The sections of the .network file. [Match] must say which interfaces it is for; `Name: '*'` is all of them, the one
   * that the host is reached by included.
   * @throws Error without anything in [Match]
   * @see systemd.network(5)
   */
  readonly directives: NetworkFile;
}

/**
 * How systemd-networkd configures interfaces: addresses, routes, DHCP, what bridge they belong to. An apply reconfigures
 * the interfaces concerned, and does not wait until they are online.
 *
 * On the host: /etc/systemd/network/NAME.network. Of several files that match an interface, the first by name counts:
 * the `name` prop decides. It needs a host whose network systemd-networkd manages.
 */
export class SystemdNetwork extends NetworkdFile<NetworkFile> {
  readonly unitName = undefined;

  constructor(scope: Construct, id: string, props: SystemdNetworkProps) {
    super(scope, id, 'network', props);
    checkMatch(props.directives.Match, 'configure interfaces of', '{ Name: "br0" }', this.node.path);
    this.check();
  }
}
