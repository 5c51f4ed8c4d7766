import { AddressPool } from '../../lib/constructs/address-pool';

const at = 'shop/host.subnet';

test('a name always gets the same address', () => {
  const first = new AddressPool('10.77.0.0/16', at).assign('db', '');
  const pool = new AddressPool('10.77.0.0/16', at);
  pool.assign('other', '');
  expect(pool.assign('db', '')).toBe(first);
  expect(first).toMatch(/^10\.77\.\d+\.\d+$/);
});

test('machines that hash to the same address get different ones, and the first keeps its own', () => {
  const pool = new AddressPool('10.0.0.0/29', at);
  const addresses = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => pool.assign(name, name));
  expect([...addresses].sort()).toEqual([1, 2, 3, 4, 5, 6].map((last) => `10.0.0.${last}`));
  expect(addresses[0]).toBe(new AddressPool('10.0.0.0/29', at).assign('a', ''));
  expect(() => pool.assign('g', 'shop/host/g')).toThrow(
    'Cannot give an address to "g": all 6 of 10.0.0.0/29 are taken, expected a larger subnet of the Host (at shop/host/g)',
  );
});

test('a chosen address must be free and of the subnet', () => {
  const pool = new AddressPool('10.0.0.0/29', at);
  expect(pool.claim('10.0.0.3', 'shop/host/db')).toBe('10.0.0.3');
  expect(() => pool.claim('10.0.0.3', 'shop/host/api')).toThrow(
    'Cannot use address "10.0.0.3": is taken by shop/host/db, expected a free one (at shop/host/api)',
  );
  for (const address of ['10.0.0.0', '10.0.0.7', '10.0.1.1', 'x'])
    expect(() => pool.claim(address, '')).toThrow('is none of the host, expected one inside of 10.0.0.0/29');
});

test.each(['10.77.0.0', '10.77.0.1/16', '10.77.0.0/33', '10.0.0.0/30', '10.0.0.0/4', 'fd00::/64', '', 7])(
  'subnet %j is refused',
  (subnet) => {
    expect(() => new AddressPool(subnet as string, at)).toThrow(/is no IPv4 network, .* \(at shop\/host\.subnet\)$/);
  },
);
