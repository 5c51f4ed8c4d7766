import { User, type UserProps } from 'bulkhead';
import { host, textOf } from '../testing';

const make = (props: UserProps = {}, id = 'shop') => new User(host(), id, props);

test('a user is made with its home, and lets the host reach its network target', () => {
  const { manifest } = make();
  expect(manifest).toMatchObject({
    runtime: 'user',
    requires: { useradd: {}, newuidmap: {}, loginctl: {} },
    objects: { 'user:shop': { spec: { home: '/home/shop' } } },
    units: { 'shop-user.target': { state: 'active', enabled: true } },
  });
  expect(textOf(make(), '/etc/systemd/system/shop-user.target')).toBe(`[Unit]
Description=User shop
Wants=network-online.target

[Install]
WantedBy=multi-user.target
`);
});

test('its podman has a unit of its own, which no other user runs', () => {
  expect(textOf(make(), '/etc/systemd/user/shop-podman.service')).toBe(`[Unit]
Description=Podman of shop
ConditionUser=shop

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/podman ps --quiet
`);
});

test('its home may be elsewhere', () => {
  expect(make({ home: '/srv/shop' }).manifest.objects).toEqual({ 'user:shop': { spec: { home: '/srv/shop' } } });
});

test.each<[UserProps, string, string]>([
  [{}, 'Shop', 'Cannot create user "Shop": is not a user name, expected at most 32 of a-z, 0-9, "_" and "-"'],
  [{ name: 'a'.repeat(33) }, 'shop', 'is not a user name'],
  [{ home: '/' }, 'shop', 'Cannot use as home "/": can\'t be a home directory'],
  [{ home: '/srv/../etc' }, 'shop', "can't be a home directory"],
  [{ home: '/srv/my shop' }, 'shop', "can't be a home directory"],
])('%j of "%s" is refused', (props, id, message) => {
  expect(() => make(props, id)).toThrow(message);
});
