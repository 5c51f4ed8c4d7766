import type { Construct } from 'constructs';
import { INCUS } from '../../manifest/index';
import { Instance } from '../instance/instance';
import type { InstanceProps } from '../instance/instance-props';

export type IncusInstanceProps = InstanceProps;

/**
 * A container or virtual machine of Incus that a unit of its own starts, follows and stops. It has users of its own and
 * is on `host.network` unless its `network` is another one. No profile applies to it. A restart of Incus leaves it running,
 * and a change of its limits does, too.
 *
 * Incus does not tell how a program has ended: an end that nobody asked the unit for counts as a failure, for `restart`.
 *
 * On the host: NAME.service, the instance NAME (`incus list`) and its image in the storage pool `bulkhead`, which is made
 * where it is missing. With another image the instance is made anew, and the old one is kept as NAME-previous.
 */
export class IncusInstance extends Instance {
  constructor(scope: Construct, id: string, props: IncusInstanceProps) {
    super(scope, id, INCUS, props);
  }
}
