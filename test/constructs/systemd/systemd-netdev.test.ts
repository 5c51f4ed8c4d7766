import { SystemdNetdev, type SystemdNetdevProps, SystemdService } from 'bulkhead';
import { host, problemsOf, section, textOf } from '../testing';

const UNIT = '/etc/systemd/system/br-netdev.service';
const FILE = '/etc/systemd/network/br.netdev';
const bridge: SystemdNetdevProps['directives'] = { NetDev: { Name: 'br0', Kind: 'bridge' }, Bridge: { STP: true } };

test('an interface is a .netdev file and a unit that is active while it is there', () => {
  const netdev = new SystemdNetdev(host(), 'br', { directives: bridge });
  expect(textOf(netdev, FILE)).toBe('[NetDev]\nName=br0\nKind=bridge\n\n[Bridge]\nSTP=yes\n');
  expect(netdev.manifest).toMatchObject({
    objects: { 'interface:br0': { unit: 'br-netdev.service' } },
    requires: { 'systemd-networkd': { why: `for ${FILE}` }, ip: { why: 'to remove the interface' } },
    units: { 'br-netdev.service': { state: 'active', enabled: true, restartOn: [FILE, UNIT] } },
  });
  expect(section(textOf(netdev, UNIT), 'Service')).toEqual([
    'Type=oneshot',
    'RemainAfterExit=yes',
    expect.stringMatching(/^ExecStart=sh -c ".*networkctl reload.*" br0$/),
    expect.stringMatching(/^ExecStop=sh -c ".*ip link delete.*" br0$/),
  ]);
});

test('one that lies on another interface is not waited for, since the other has to ask for it', () => {
  const netdev = new SystemdNetdev(host(), 'br', {
    directives: { NetDev: { Name: 'guests', Kind: 'vlan' }, VLAN: { Id: 7 } },
  });
  expect(netdev.manifest.objects).toEqual({});
  expect(section(textOf(netdev, UNIT), 'Service')).toContain('ExecStart=networkctl reload');
});

test('what depends on it is ordered after its unit, and it after what it depends on', () => {
  const scope = host();
  const first = new SystemdService(scope, 'first', { command: ['/bin/true'] });
  const netdev = new SystemdNetdev(scope, 'br', { directives: bridge, dependsOn: [first] });
  const last = new SystemdService(scope, 'last', { command: ['/bin/true'], dependsOn: [netdev] });
  expect(section(textOf(netdev, UNIT), 'Unit')).toEqual([
    'Description=Interface br0',
    'After=systemd-networkd.service first.service',
    'Wants=first.service',
  ]);
  expect(section(textOf(last, '/etc/systemd/system/last.service'), 'Unit')).toContain(
    'After=network.target br-netdev.service',
  );
});

test.each<[object, string]>([
  [{}, 'Cannot create interface undefined: is not an interface name'],
  [
    { NetDev: { Name: 'a-name-that-is-long', Kind: 'bridge' } },
    'expected a name that is known at synthesis, of at most 15',
  ],
  [{ NetDev: { Name: 'a/b', Kind: 'bridge' } }, '(at shop/host/br.directives.NetDev.Name)'],
  [{ NetDev: { Name: 'br0' } }, 'Cannot create an interface of kind undefined: is not a kind of interface'],
  [{ NetDev: { Name: 'br0', Kind: 'bridge' }, Bridges: {} }, 'the section is unknown'],
])('%j is refused', (directives, message) => {
  expect(() => new SystemdNetdev(host(), 'br', { directives })).toThrow(message);
});

test('a kind that networkd does not know is found', () => {
  const directives = { NetDev: { Name: 'br0', Kind: 'brigde' } } as object;
  const netdev = new SystemdNetdev(host(), 'br', { directives });
  expect(problemsOf(netdev)).toEqual([
    expect.stringMatching(/^Cannot use Kind in \[NetDev\]: is "brigde", expected one of bareudp/),
  ]);
});
