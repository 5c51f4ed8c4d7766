import { ClaimIndex, claimsCollide, claimsOf, describeClaim, parseClaim } from '../../lib/containment';
import type { Manifest } from '../../lib/manifest';

test.each([
  ['tcp 0.0.0.0:80', 'tcp 0.0.0.0:80', true],
  ['tcp 0.0.0.0:80', 'tcp 0.0.0.0:81', false],
  ['tcp 0.0.0.0:80', 'udp 0.0.0.0:80', false],
  ['tcp 127.0.0.1:80', 'tcp 127.0.0.2:80', false],
  ['tcp 127.0.0.1:80', 'tcp 0.0.0.0:80', true],
  // Addresses of different families are different addresses.
  ['tcp 0.0.0.0:8080', 'tcp [::]:8080', false],
  ['udp 0.0.0.0:53', 'udp [::1]:53', false],
  ['tcp [::]:80', 'tcp 127.0.0.1:80', false],
  ['tcp [::]:80', 'tcp [::1]:80', true],
  // One socket of both families takes the port of both.
  ['tcp *:80', 'tcp 127.0.0.1:80', true],
  ['tcp *:80', 'tcp [::]:80', true],
  ['tcp *:80', 'tcp *:80', true],
  ['tcp *:80', 'tcp *:81', false],
  ['tcp [::1]:80', 'tcp [0:0:0:0:0:0:0:1]:80', true],
  ['tcp [fe80::1%eth0]:80', 'tcp [fe80::1%eth1]:80', false],
  ['tcp 0.0.0.0:8000-8010', 'tcp 127.0.0.1:8010', true],
  ['tcp 0.0.0.0:8000-8010', 'tcp 0.0.0.0:8005-8020', true],
  ['tcp 0.0.0.0:8000-8010', 'tcp 0.0.0.0:8011', false],
  ['tcp 0.0.0.0:8000-8010', 'tcp [::1]:8005', false],
  ['tcp 0.0.0.0:${TfToken[TOKEN.1]}', 'tcp 0.0.0.0:${TfToken[TOKEN.1]}', true],
  ['tcp 0.0.0.0:${TfToken[TOKEN.1]}', 'tcp 0.0.0.0:80', false],
  ['address 10.77.1.2', 'address 10.77.1.2', true],
  ['address 10.77.1.2', 'address 10.77.1.3', false],
  ['address fd00::1', 'address fd00:0:0::1', true],
  ['subnet 10.89.0.0/24', 'address 10.89.0.7', true],
  ['subnet 10.89.0.0/24', 'address 10.90.0.7', false],
  ['subnet 10.89.0.0/24', 'subnet 10.89.0.128/25', true],
  ['subnet 10.89.0.0/24', 'subnet 10.89.1.0/24', false],
  ['subnet 10.89.0.0/24', 'subnet fd00::/64', false],
  ['subnet fd00::/64', 'address fd00::7', true],
  ['uids 524288-589823', 'uids 589823-600000', true],
  ['uids 524288-589823', 'uids 589824-655359', false],
  ['uids 10-20', 'tcp 0.0.0.0:10-20', false],
  ['name web', 'name web', true],
  ['name web', 'file web', false],
  ['unit web.service', 'unit web.service of shop', false],
  ['interface br0', 'interface br0', true],
  ['interface br0', 'interface br1', false],
  ['hostname web', 'hostname web', true],
  ['subnet nonsense', 'subnet nonsense', true],
])('%s and %s collide: %s', (a, b, expected) => {
  expect(claimsCollide(parseClaim(a), parseClaim(b))).toBe(expected);
  expect(claimsCollide(parseClaim(b), parseClaim(a))).toBe(expected);
  const index = new ClaimIndex<string>();
  expect(index.add(a, 'first')).toBeUndefined();
  const found = index.add(b, 'second');
  expect(found && [found.text, found.owner]).toEqual(expected ? [a, 'first'] : undefined);
});

test('an index finds the first claim among many, also one that is wide', () => {
  const index = new ClaimIndex<number>();
  for (let port = 1; port <= 2000; port++) index.add(`tcp 127.0.0.1:${port}`, port);
  expect(index.add('tcp *:1500', -1)).toMatchObject({ text: 'tcp 127.0.0.1:1500', owner: 1500 });
  expect(index.add('tcp 0.0.0.0:1990-2010', -2)).toMatchObject({ text: 'tcp 127.0.0.1:1990', owner: 1990 });
  expect(index.add('tcp 192.0.2.1:2005', -3)).toMatchObject({ text: 'tcp 0.0.0.0:1990-2010', owner: -2 });
  expect(index.add('tcp 192.0.2.1:3000', -4)).toBeUndefined();
});

test('a service claims what its parts are called, and what its manifest adds', () => {
  const manifest: Manifest = {
    name: 'web',
    stack: 'shop',
    path: 'shop/host/web',
    runtime: 'podman',
    user: 'shop',
    files: { '/etc/web': { content: '', mode: '0644', owner: 'root', group: 'root' } },
    units: { 'web.service': { restartOn: [] } },
    objects: { 'podman-network:web': { unit: 'web.service' }, 'podman-image:localhost/web:1': { unit: 'web.service' } },
    claims: ['tcp 0.0.0.0:80'],
  };
  const claims = [
    'name web',
    'file /etc/web',
    'unit web.service of shop',
    'podman-network web of shop',
    'tcp 0.0.0.0:80',
  ];
  expect(claimsOf(manifest)).toEqual(claims);
});

test.each([
  ['name web', 'the name "web"'],
  ['file /etc/x', 'the file /etc/x'],
  ['unit web.service of shop', 'the unit web.service of shop'],
  ['podman-network web of shop', 'the network web of shop'],
  ['tcp *:80', 'tcp *:80'],
])('%s reads as %s', (claim, text) => {
  expect(describeClaim(claim)).toBe(text);
});
