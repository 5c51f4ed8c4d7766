import type { Construct } from 'constructs';
import type { NetworkFile } from '../../directives/index';
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
 * On the host: /etc/systemd/network/10-NAME.network, or NAME.network where the `name` prop sets NAME. Of the files that
 * match an interface, networkd reads only the first by name: `networkctl status` shows which. A plan refuses a file that names
 * interfaces for each of which another file comes before it. It needs a host whose network systemd-networkd manages.
 */
export class SystemdNetwork extends NetworkdFile<NetworkFile> {
  readonly unitName = undefined;

  constructor(scope: Construct, id: string, props: SystemdNetworkProps) {
    super(scope, id, 'network', props);
    checkMatch(props.directives.Match, 'configure interfaces of', '{ Name: "br0" }', this.node.path);
    this.complete();
  }
}
