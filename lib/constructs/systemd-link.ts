import type { Construct } from 'constructs';
import type { LinkFile } from '../directives';
import { checkMatch, NetworkdFile, type NetworkdFileProps } from './networkd-file';

export interface SystemdLinkProps extends NetworkdFileProps<LinkFile> {
  /**
   * The sections of the .link file. [Match] must say which interfaces it is for; `OriginalName: '*'` is all of them.
   * @throws Error without anything in [Match]
   * @see systemd.link(5)
   */
  readonly directives: LinkFile;
}

/**
 * How systemd-udevd names an interface and sets it up: its MTU, MAC address, Wake-on-LAN, queues, ... udev does so when the
 * interface appears. One that is there already keeps what it has until it appears again, at the latest with the next boot.
 *
 * On the host: /etc/systemd/network/NAME.link. Only the first file by name that matches an interface counts, and
 * systemd's own begin with 99: the `name` prop decides. In a container, where no udev runs, nobody reads it.
 */
export class SystemdLink extends NetworkdFile<LinkFile> {
  readonly unitName = undefined;

  constructor(scope: Construct, id: string, props: SystemdLinkProps) {
    super(scope, id, 'link', props);
    checkMatch(props.directives.Match, 'set up interfaces of', '{ MACAddress: "02:00:5e:00:53:01" }', this.node.path);
    this.check();
  }
}
