import type { Construct } from 'constructs';
import { INCUS } from '../../manifest/index';
import { Instance } from '../instance/instance';
import type { InstanceProps } from '../instance/instance-props';

export type IncusInstanceProps = InstanceProps;

/**
 * A container or virtual machine of Incus with a systemd unit that starts, watches and stops it. It has its own users.
 * It is on `host.network` unless `network` sets another network. No Incus profile applies to it. It keeps running when
 * Incus restarts, and when the instance's limits change.
 *
 * Incus does not report how a program ended. If the program ends without a stop of the unit, `restart` treats that as a
 * failure.
 *
 * On the host: NAME.service, the instance NAME (`incus list`), and its image in the storage pool `bulkhead`, which is
 * created if it is missing. With another image, a new instance is created, and the old one is kept as NAME-previous.
 */
export class IncusInstance extends Instance {
  constructor(scope: Construct, id: string, props: IncusInstanceProps) {
    super(scope, id, INCUS, props);
  }
}
