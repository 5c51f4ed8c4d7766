import { SystemdLink, type SystemdLinkProps } from 'bulkhead';
import { host, problemsOf, textOf } from '../testing';

const make = (directives: SystemdLinkProps['directives']) =>
  new SystemdLink(host(), 'uplink', { directives, name: '10-uplink' });

test('what udev does with an interface is a .link file, and needs no networkd', () => {
  const link = make({
    Match: { PermanentMACAddress: '02:00:5e:00:53:01' },
    Link: { Name: 'uplink0', MTUBytes: 9000, WakeOnLan: 'magic' },
  });
  expect(textOf(link, '/etc/systemd/network/10-uplink.link')).toBe(`[Match]
PermanentMACAddress=02:00:5e:00:53:01

[Link]
Name=uplink0
MTUBytes=9000
WakeOnLan=magic
`);
  expect(link.manifest.units).toEqual({});
  expect(link.manifest.requires).not.toHaveProperty('systemd-networkd');
  expect(problemsOf(link)).toEqual([]);
});

test('a file goes before the one of systemd that matches all interfaces', () => {
  const link = (name?: string) =>
    new SystemdLink(host(), 'wired', { directives: { Match: { OriginalName: 'lan0' } }, ...(name && { name }) });
  expect(Object.keys(link().manifest.files)).toEqual(['/etc/systemd/network/10-wired.link']);
  expect(Object.keys(link('73-wired').manifest.files)).toEqual(['/etc/systemd/network/73-wired.link']);
  for (const name of ['wired', '99-wired'])
    expect(() => link(name)).toThrow(
      `Cannot name a .link file "${name}": systemd's own 99-default.link, which matches every interface, comes before it, expected a name that sorts before it, such as "10-${name}" (at shop/host/wired.name)`,
    );
});

test('one for all interfaces by mistake is refused', () => {
  expect(() => make({ Link: { MTUBytes: 9000 } })).toThrow(
    'Cannot set up interfaces of undefined: matches every interface of the host, expected a [Match] such as',
  );
});
