import { writeNetdev, writeNetwork } from '../../lib/directives';

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
