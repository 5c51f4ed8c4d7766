import { AddressPool } from '../../../lib/constructs/network/address-pool';
import { parseSubnet, type Subnet } from '../../../lib/network';

const pool = (subnet: string) => new AddressPool(parseSubnet(subnet) as Subnet);

test('a name always gets the same address', () => {
  const { address } = pool('10.77.0.0/16').assign('db', '');
  const other = pool('10.77.0.0/16');
  other.assign('other', '');
  expect(other.assign('db', '')).toEqual({ address });
  expect(address).toMatch(/^10\.77\.\d+\.\d+$/);
});

test('services that hash to the same address get different ones, and the first keeps its own', () => {
  const small = pool('10.0.0.0/29');
  const assigned = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => small.assign(name, name));
  expect(assigned.map(({ address }) => address).sort()).toEqual([1, 2, 3, 4, 5, 6].map((last) => `10.0.0.${last}`));
  expect(assigned[0]).toEqual(pool('10.0.0.0/29').assign('a', ''));
  // Whoever moved knows whom it would follow.
  const moved = assigned.filter(({ insteadOf }) => insteadOf !== undefined);
  expect(moved.length).toBeGreaterThan(0);
  expect(moved.every(({ insteadOf }) => 'abcdef'.includes(insteadOf ?? '-'))).toBe(true);
  expect(() => small.assign('g', 'shop/host/g')).toThrow(
    'Cannot give an address to "g": all 6 addresses of 10.0.0.0/29 are taken, expected a larger subnet of the Network (at shop/host/g)',
  );
});

test('a chosen address must be free and of the subnet', () => {
  const small = pool('10.0.0.0/29');
  expect(small.claim('10.0.0.3', 'shop/host/db')).toEqual({ address: '10.0.0.3' });
  expect(() => small.claim('10.0.0.3', 'shop/host/api')).toThrow(
    'Cannot use address "10.0.0.3": is taken by shop/host/db, expected a free address (at shop/host/api)',
  );
  for (const address of ['10.0.0.0', '10.0.0.7', '10.0.1.1', 'x', 'fd00::1'])
    expect(() => small.claim(address, '')).toThrow('is not in the network, expected an address in 10.0.0.0/29');
});
