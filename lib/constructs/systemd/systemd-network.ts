import type { Construct } from 'constructs';
import type { NetworkFile } from '../../directives/index';
import { checkMatch, NetworkdFile, type NetworkdFileProps } from './networkd-file';

export interface SystemdNetworkProps extends NetworkdFileProps<NetworkFile> {
  /**
   * Sections of the .network file, under the names of the man page. [Match] must say which interfaces the file is for.
   * `Name: '*'` matches all interfaces, including the one over which you reach the host.
   * @throws Error when [Match] is empty
   * @see systemd.network(5)
   */
  readonly directives: NetworkFile;
}

/**
 * How systemd-networkd configures interfaces: addresses, routes, DHCP, the bridge that they belong to. An apply
 * reconfigures the interfaces that the change concerns. It does not wait until they are online.
 *
 * On the host: /etc/systemd/network/10-NAME.network, or NAME.network when the `name` prop sets NAME. When several files
 * match an interface, networkd reads only the first one by name: `networkctl status` shows it. A plan refuses a file
 * when, for every interface that it names, another file comes first. systemd-networkd must manage the network of the
 * host.
 */
export class SystemdNetwork extends NetworkdFile<NetworkFile> {
  readonly unitName = undefined;

  constructor(scope: Construct, id: string, props: SystemdNetworkProps) {
    super(scope, id, 'network', props);
    checkMatch(props.directives.Match, 'configure interfaces of', '{ Name: "br0" }', this.node.path);
    this.complete();
  }
}
