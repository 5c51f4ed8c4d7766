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
   * Sections of the .netdev file, under the names of the man page. [NetDev] must have a Name and a Kind. Do not put
   * keys of WireGuard in the file: put them in a file of their own and name that file with PrivateKeyFile=.
   * @throws Error without Name or Kind
   * @see systemd.netdev(5)
   */
  readonly directives: NetdevFile;
}

/**
 * A virtual network interface that systemd-networkd creates: a bridge, a veth pair, a bond, a WireGuard tunnel and
 * others. When the file changes, the interface is created anew. When this construct is destroyed, the interface is
 * removed. networkd itself does neither. An interface on top of another interface, such as a VLAN, appears once the
 * {@link SystemdNetwork} of that other interface names it.
 *
 * On the host: /etc/systemd/network/NAME.netdev, and NAME-netdev.service, which is active while the interface exists.
 * systemd-networkd must manage the network of the host.
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
        action: 'create an interface of kind',
        value: Kind,
        problem: 'is not a kind of interface',
        expected: 'a kind such as bridge',
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

// Interfaces that networkd creates on their own. Every other kind is on top of an interface, whose .network file must
// name it.
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
    action: 'create interface',
    value: name,
    problem: 'is not an interface name',
    expected: 'a name that is known at synthesis, of at most 15 characters, without blanks, "/", ":" and "%"',
    at: `${at}.Name`,
  });
}

const EXISTS = '[ -e "/sys/class/net/$0" ]';

// networkd creates the interface a moment after the reload. If it fails, only its log has the reason.
const MAKE = `${EXISTS} || networkctl reload
for try in $(seq 300); do ${EXISTS} && exit 0; sleep 0.1; done
echo "systemd-networkd did not create $0 within 30 s:"
journalctl --quiet --no-pager -o cat -n 100 -u systemd-networkd | grep "^$0: " | tail -n 5
exit 1`;

// While a host shuts down, a remote file system may still be mounted over the interface.
const REMOVE = `[ "$(systemctl is-system-running)" = stopping ] || ! ${EXISTS} || ip link delete "$0"`;

/** The unit of an interface. Other units are ordered after it, and a restart creates the interface anew. */
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
