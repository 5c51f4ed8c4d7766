import { checkDirectives } from '../../lib/directives';
import { writeLink, writeNetdev, writeNetwork } from './support/read-write';

describe('writeNetwork()', () => {
  test('writes a section as often as it is given', () => {
    const text = writeNetwork({
      Match: { Name: ['ve-*', '!ve-x'] },
      Network: { DHCP: 'ipv4', IPv6AcceptRA: false, Address: ['192.0.2.1/24', '2001:db8::1/64'] },
      Route: [{ Gateway: '192.0.2.254' }, { Destination: '198.51.100.0/24', Metric: 5 }],
    });
    expect(text).toBe(
      '[Match]\nName=ve-*\nName=!ve-x\n\n' +
        '[Network]\nDHCP=ipv4\nIPv6AcceptRA=no\nAddress=192.0.2.1/24\nAddress=2001:db8::1/64\n\n' +
        '[Route]\nGateway=192.0.2.254\n\n[Route]\nDestination=198.51.100.0/24\nMetric=5\n',
    );
  });

  test('writes a virtual device and its peers', () => {
    const text = writeNetdev({
      NetDev: { Name: 'wg0', Kind: 'wireguard' },
      WireGuard: { ListenPort: 51820, PrivateKeyFile: '/etc/wg key' },
      WireGuardPeer: { PublicKey: 'x=', AllowedIPs: ['10.0.0.0/8', '::/0'] },
    });
    expect(text).toBe(
      '[NetDev]\nName=wg0\nKind=wireguard\n\n[WireGuard]\nListenPort=51820\nPrivateKeyFile=/etc/wg key\n\n' +
        '[WireGuardPeer]\nPublicKey=x=\nAllowedIPs=10.0.0.0/8,::/0\n',
    );
  });
});

describe('writeLink()', () => {
  test('writes how an interface is named and set up', () => {
    const file = {
      Match: { MACAddress: '00:00:5e:00:53:01', Path: ['pci-*', '!pci-0000:02:*'], Property: 'ID_MODEL=a "b" c' },
      Link: {
        Property: { ID_NET_MANAGED_BY: 'io.systemd.Network', NOTE: '100% "b"' },
        NamePolicy: ['kernel', 'path'],
        AlternativeName: ['lan', 'the-long-name-of-the-lan'],
        Name: 'lan0',
        MTUBytes: 9000,
        BitsPerSecond: '1G',
        WakeOnLan: ['magic', 'unicast'],
        RxBufferSize: 'max',
      },
      'SR-IOV': [
        { VirtualFunction: 0, LinkState: 'auto' },
        { VirtualFunction: 1, Trust: true },
      ],
    } as const;
    expect(checkDirectives('link', file, { systemd: 257 })).toEqual([]);
    expect(writeLink(file)).toBe(
      '[Match]\nMACAddress=00:00:5e:00:53:01\nPath=pci-*\nPath=!pci-0000:02:*\nProperty="ID_MODEL=a \\"b\\" c"\n\n' +
        '[Link]\nProperty=ID_NET_MANAGED_BY=io.systemd.Network\nProperty="NOTE=100%% \\"b\\""\nNamePolicy=kernel path\n' +
        'AlternativeName=lan the-long-name-of-the-lan\nName=lan0\nMTUBytes=9000\nBitsPerSecond=1G\n' +
        'WakeOnLan=magic unicast\nRxBufferSize=max\n\n' +
        '[SR-IOV]\nVirtualFunction=0\nLinkState=auto\n\n[SR-IOV]\nVirtualFunction=1\nTrust=yes\n',
    );
  });

  test.each([
    ['Name', 'a-name-of-sixteen'],
    ['Name', '12'],
    ['Name', 'all'],
    ['MACAddress', '00:00:5e:00:53'],
    ['MACAddress', '00:00-5e:00:53:01'],
    ['NamePolicy', ['path', 'luck']],
    ['RxChannels', 0],
    ['BitsPerSecond', 'fast'],
    ['Duplex', 'both'],
    ['SR-IOVVirtualFunctions', -1],
  ])('refuses the %s %p', (key, value) => {
    const problems = checkDirectives('link', { Link: { [key]: value } });
    expect(problems).toEqual([{ section: 'Link', key, message: expect.stringContaining('systemd.link(5)') }]);
  });

  test('takes the addresses of tunnels and InfiniBand', () => {
    const MACAddress = ['192.0.2.1', '2001:db8::1', '0000.5e00.5301', '80-'.repeat(19).concat('00')];
    expect(checkDirectives('link', { Match: { MACAddress } })).toEqual([]);
  });
});
