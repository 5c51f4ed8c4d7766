import {
  ContainerdService,
  type Host,
  OciService,
  PortableService,
  SystemdLink,
  SystemdNetdev,
  SystemdNetwork,
  SystemdService,
} from 'bulkhead';
import { image, QUICK, root, SECONDS, type Side } from './making';

interface Props {
  readonly image: ReturnType<typeof image>;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** One service whose image changes, one whose environment changes, and one that leaves. */
function threeOf(make: (name: string, props: Props) => unknown, name: string, side: Side): void {
  const command = ['/bin/sleep', SECONDS[side]];
  make(`${name}-root`, { image: root(side), command });
  make(`${name}-side`, { image: image(), command: ['/bin/sleep', 'infinity'], environment: { SIDE: side } });
  make(`${name}-${side}`, { image: image(), command });
}

const CONTAINED = { stopTimeout: '1s', network: 'none' } as const;

export function buildContainerd(host: Host, side: Side): void {
  threeOf((name, props) => new ContainerdService(host, name, { ...props, ...CONTAINED }), 'f-task', side);
}

export function buildOci(host: Host, side: Side): void {
  const runtime = { a: 'crun', b: 'runc' } as const;
  threeOf((name, props) => new OciService(host, name, { ...props, ...CONTAINED }), 'f-oci', side);
  new OciService(host, 'f-oci-runtime', { image: image(), ...CONTAINED, runtime: runtime[side] });
}

export function buildPortable(host: Host, side: Side): void {
  threeOf((name, props) => new PortableService(host, name, { ...props, network: 'none' }), 'f-portable', side);
}

export function buildRooted(host: Host, side: Side): void {
  threeOf((name, props) => new SystemdService(host, name, { ...props, directives: QUICK }), 'f-rooted', side);
}

const PAIR = { NetDev: { Name: 'f-link0', Kind: 'veth' }, Peer: { Name: 'f-link1' } } as const;

/** A link whose kind changes, so that it is made anew, one that leaves, and an address that changes. */
export function buildNetworkd(host: Host, side: Side): void {
  const bridge = new SystemdNetdev(host, 'f-bridge', { directives: { NetDev: { Name: 'f-br0', Kind: 'bridge' } } });
  const kind = { a: { NetDev: { Name: 'f-link0', Kind: 'bridge' } }, b: PAIR } as const;
  new SystemdNetdev(host, 'f-link', { directives: kind[side] });
  new SystemdNetdev(host, `f-link-${side}`, { directives: { NetDev: { Name: `f-link-${side}`, Kind: 'bridge' } } });
  const Address = { a: '192.168.211.1/24', b: '192.168.212.1/24' }[side];
  new SystemdNetwork(host, 'f-lan', {
    directives: {
      Match: { Name: bridge.interfaceName },
      Network: { LinkLocalAddressing: false, ConfigureWithoutCarrier: true, Address },
    },
    dependsOn: [bridge],
  });
  const MTUBytes = { a: 1400, b: 1300 }[side];
  new SystemdLink(host, 'f-rules', { directives: { Match: { OriginalName: 'f-none' }, Link: { MTUBytes } } });
}
