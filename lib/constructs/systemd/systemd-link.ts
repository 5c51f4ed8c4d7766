import type { Construct } from 'constructs';
import type { LinkFile } from '../../directives/index';
import { fail } from '../problem';
import { checkMatch, NetworkdFile, type NetworkdFileProps } from './networkd-file';

export interface SystemdLinkProps extends NetworkdFileProps<LinkFile> {
  /**
   * Sections of the .link file, under the names of the man page. [Match] must say which interfaces the file is for.
   * `OriginalName: '*'` matches all interfaces.
   * @throws Error when [Match] is empty
   * @see systemd.link(5)
   */
  readonly directives: LinkFile;
}

/**
 * How systemd-udevd names and configures an interface: MTU, MAC address, Wake-on-LAN, queues and others. udev applies
 * the file when the interface appears. An existing interface keeps its settings until it appears again, at the latest
 * at the next boot.
 *
 * On the host: /etc/systemd/network/10-NAME.link, or NAME.link when the `name` prop sets NAME. When several files match
 * an interface, udev reads only the first one by name. systemd's own `99-default.link` matches every interface, so a
 * name must sort before it. In a container, no udev runs, so the file has no effect.
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
    expected: `a name that sorts before it, such as "10-${name}"`,
    at: `${at}.name`,
  });
}
