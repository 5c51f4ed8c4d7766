import type { Construct } from 'constructs';
import { LXD } from '../../manifest/index';
import { Instance } from '../instance/instance';
import type { InstanceProps } from '../instance/instance-props';

export type LxdInstanceProps = InstanceProps;

/**
 * A container or virtual machine of LXD that a unit of its own starts, follows and stops. It has users of its own and
 * is on `host.network` unless its `network` is another one. No profile applies to it. A restart of LXD leaves it running,
 * and a change of its limits does, too.
 *
 * LXD does not tell how a program has ended: an end that nobody asked the unit for counts as a failure, for `restart`.
 *
 * On the host: NAME.service, the instance NAME (`lxc list`) and its image in the storage pool `bulkhead`, which is made
 * where it is missing. With another image the instance is made anew, and the old one is kept as NAME-previous.
 */
export class LxdInstance extends Instance {
  constructor(scope: Construct, id: string, props: LxdInstanceProps) {
    super(scope, id, LXD, props);
  }
}
