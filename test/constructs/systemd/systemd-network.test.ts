import { SystemdNetwork, type SystemdNetworkProps } from 'bulkhead';
import { host, problemsOf, textOf } from '../testing';

const make = (directives: SystemdNetworkProps['directives'], name?: string) =>
  new SystemdNetwork(host(), 'lan', { directives, ...(name && { name }) });

test('a configuration of interfaces is a .network file, and no unit', () => {
  const network = make({
    Match: { Name: ['br0', 'br1'] },
    Network: { DHCP: 'ipv4', LinkLocalAddressing: false },
    Address: [{ Address: '192.0.2.1/24' }, { Address: '192.0.2.2/24', Label: 'br0:1' }],
  });
  expect(textOf(network, '/etc/systemd/network/10-lan.network')).toBe(`[Match]
Name=br0 br1

[Network]
DHCP=ipv4
LinkLocalAddressing=no

[Address]
Address=192.0.2.1/24

[Address]
Address=192.0.2.2/24
Label=br0:1
`);
  expect(network.manifest.units).toEqual({});
  expect(network.manifest.requires).toMatchObject({
    'systemd-networkd': { why: 'for /etc/systemd/network/10-lan.network' },
  });
  expect(problemsOf(network)).toEqual([]);
});

test('its name orders it among others', () => {
  expect(Object.keys(make({ Match: { Name: 'br0' } }, '10-lan').manifest.files)).toEqual([
    '/etc/systemd/network/10-lan.network',
  ]);
});

test.each<[SystemdNetworkProps['directives'], string]>([
  [{ Network: { Address: '192.0.2.1/24' } }, 'matches every interface of the host, expected a [Match] such as'],
  [{ Match: { Name: undefined } } as object, '(at shop/host/lan.directives.Match)'],
])('%j is refused', (directives, message) => {
  expect(() => make(directives)).toThrow(message);
});

test('a directive that networkd does not know is found', () => {
  const network = () => make({ Match: { Name: 'br0' }, Network: { Adress: '192.0.2.1/24' } as object });
  expect(network).toThrow(/Adress.*Address/);
});
