import type { Construct } from 'constructs';
import { LXD } from '../../manifest/index';
import { Instance } from '../instance/instance';
import type { InstanceProps } from '../instance/instance-props';

export type LxdInstanceProps = InstanceProps;

/**
 * A container or virtual machine of LXD with a systemd unit that starts, watches and stops it. It has its own users. It
 * is on `host.network` unless `network` sets another network. No LXD profile applies to it. It keeps running when LXD
 * restarts, and when the instance's limits change.
 *
 * LXD does not report how a program ended. If the program ends without a stop of the unit, `restart` treats that as a
 * failure.
 *
 * On the host: NAME.service, the instance NAME (`lxc list`), and its image in the storage pool `bulkhead`, which is
 * created if it is missing. With another image, a new instance is created, and the old one is kept as NAME-previous.
 */
export class LxdInstance extends Instance {
  constructor(scope: Construct, id: string, props: LxdInstanceProps) {
    super(scope, id, LXD, props);
  }
}
