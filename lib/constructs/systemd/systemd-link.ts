import type { Construct } from 'constructs';
import type { LinkFile } from '../../directives/index';
import { fail } from '../problem';
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
 * On the host: /etc/systemd/network/10-NAME.link, or NAME.link where the `name` prop sets NAME. Of the files that match an
 * interface, udev reads only the first by name. One of systemd matches all, so that a name must sort before
 * `99-default.link`. In a container, where no udev runs, nobody reads it.
 */
export class SystemdLink extends NetworkdFile<LinkFile> {
  readonly unitName = undefined;

  constructor(scope: Construct, id: string, props: SystemdLinkProps) {
    super(scope, id, 'link', props);
    checkOrder(`${this.serviceName}.link`, props.name, this.node.path);
    checkMatch(props.directives.Match, 'set up interfaces of', '{ MACAddress: "02:00:5e:00:53:01" }', this.node.path);
    this.complete();
  }
}

const DEFAULT = '99-default.link';

function checkOrder(file: string, name: string | undefined, at: string): void {
  if (name === undefined || file < DEFAULT) return;
  fail({
    action: 'name a .link file',
    value: name,
    problem: `systemd's own ${DEFAULT}, which matches every interface, comes before it`,
    expected: `a name that sorts before, such as "10-${name}"`,
    at: `${at}.name`,
  });
}
