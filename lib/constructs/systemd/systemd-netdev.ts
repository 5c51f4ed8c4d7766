import type { Construct } from 'constructs';
import type { NetdevFile, SystemdUnit } from '../../directives/index';
import { objectKey } from '../../manifest/index';
import { Token } from '../cdktf';
import type { StatedClaim } from '../host/hosted-service';
import { fail } from '../problem';
import type { NativeFile, Ordering, Parts } from '../service/service';
import { NetworkdFile, type NetworkdFileProps } from './networkd-file';

export interface SystemdNetdevProps extends NetworkdFileProps<NetdevFile> {
  /**
   * The sections of the .netdev file. [NetDev] must have a Name and a Kind. Everyone on the host may read the file: keys
   * of WireGuard belong in a file of their own, named by PrivateKeyFile=.
   * @throws Error without Name or Kind
   * @see systemd.netdev(5)
   */
  readonly directives: NetdevFile;
}

/**
 * A virtual network interface that systemd-networkd makes: a bridge, a veth pair, a bond, a WireGuard tunnel, ... A
 * change makes it anew, and it is gone when this is destroyed, which networkd itself does neither of. One that lies on
 * another interface, such as a VLAN, appears once the other's {@link SystemdNetwork} names it.
 *
 * On the host: /etc/systemd/network/NAME.netdev, and NAME-netdev.service, which is active while the interface is there.
 * It needs a host whose network systemd-networkd manages.
 */
export class SystemdNetdev extends NetworkdFile<NetdevFile> {
  /** Name of the unit: `NAME-netdev.service`. */
  readonly unitName: string;
  /** Name of the interface. */
  readonly interfaceName: string;
  private readonly independent: boolean;

  constructor(scope: Construct, id: string, props: SystemdNetdevProps) {
    super(scope, id, 'netdev', props);
    const { Name, Kind } = props.directives.NetDev ?? {};
    const at = `${this.node.path}.directives.NetDev`;
    this.interfaceName = checkName(Name, at);
    if (typeof Kind !== 'string')
      fail({
        action: 'make an interface of kind',
        value: Kind,
        problem: 'is none',
        expected: 'one such as bridge',
        at,
      });
    this.independent = INDEPENDENT.includes(String(Kind));
    this.unitName = `${this.serviceName}-netdev.service`;
    this.complete();
  }

  /** @internal */
  override get claims(): readonly StatedClaim[] {
    return [{ claim: `interface ${this.interfaceName}`, prop: 'directives.NetDev.Name' }];
  }

  protected override parts(ordering: Ordering): Parts {
    const { natives, requires } = super.parts(ordering);
    const unit = `/etc/systemd/system/${this.unitName}`;
    const sections = { ...netdevUnit(this.interfaceName, this.independent, ordering) } as NativeFile['sections'];
    return {
      natives: { ...natives, [unit]: { format: 'unit', sections } },
      objects: this.independent ? { [objectKey('interface', this.interfaceName)]: { unit: this.unitName } } : {},
      requires: { ...requires, ip: { why: 'to remove the interface' } },
      units: { [this.unitName]: { state: 'active', enabled: true, restartOn: [this.path, unit] } },
    };
  }
}

// Those that networkd makes by themselves. The others lie on an interface, whose .network file has to ask for them.
const INDEPENDENT = [
  'bareudp',
  'batadv',
  'bond',
  'bridge',
  'dummy',
  'geneve',
  'ifb',
  'nlmon',
  'tap',
  'tun',
  'vcan',
  'veth',
  'vrf',
  'vxcan',
  'wireguard',
];

function checkName(name: unknown, at: string): string {
  const valid =
    typeof name === 'string' && !Token.isUnresolved(name) && /^(?!\.{1,2}$)[^\s/:%\p{Cc}]{1,15}$/u.test(name);
  if (valid) return name;
  return fail({
    action: 'make interface',
    value: name,
    problem: 'is no name of one',
    expected: 'one known at synthesis, of at most 15 characters, without blanks, "/", ":" and "%"',
    at: `${at}.Name`,
  });
}

const EXISTS = '[ -e "/sys/class/net/$0" ]';

// networkd makes it a moment after it was told to, and says only in its log why it could not.
const MAKE = `${EXISTS} || networkctl reload
for try in $(seq 300); do ${EXISTS} && exit 0; sleep 0.1; done
echo "systemd-networkd did not make $0 within 30 s:"
journalctl --quiet --no-pager -o cat -n 100 -u systemd-networkd | grep "^$0: " | tail -n 5
exit 1`;

// What a host that shuts down still has mounted may be reached over it.
const REMOVE = `[ "$(systemctl is-system-running)" = stopping ] || ! ${EXISTS} || ip link delete "$0"`;

/** The unit that stands for an interface: what depends on it is ordered after it, and to restart it makes it anew. */
function netdevUnit(name: string, independent: boolean, { After, Wants }: Ordering): SystemdUnit {
  const after = ['systemd-networkd.service', ...After];
  return {
    Unit: { Description: `Interface ${name}`, After: after, ...(Wants.length > 0 ? { Wants } : {}) },
    Service: {
      Type: 'oneshot',
      RemainAfterExit: true,
      ExecStart: independent ? ['sh', '-c', MAKE, name] : ['networkctl', 'reload'],
      ExecStop: ['sh', '-c', REMOVE, name],
    },
    Install: { WantedBy: 'multi-user.target' },
  };
}
