import { chooseSubnet, subnet, subnetsIn } from '../../lib/lab/subnet';

const ALL = Array.from({ length: 256 }, (_, number) => number);

it('gives the machine the first address and the lab the second', () => {
  expect(subnet(7)).toEqual({ gateway: '10.99.7.1', address: '10.99.7.2' });
});

it('finds the numbers that addresses and routes speak for', () => {
  const text = `1: lo    inet 127.0.0.1/8 scope host lo
5: lab-a    inet 10.99.3.1/24 scope global lab-a
10.99.12.0/24 via 192.0.2.1 dev eth0
local 10.99.3.1 dev lab-a table local
110.99.4.0/24 dev eth1`;
  expect(subnetsIn(text)).toEqual(new Set([3, 12]));
});

it('keeps the preferred number while it is free', () => {
  expect(chooseSubnet(new Set([0, 1]), 5)).toBe(5);
});

it('takes the lowest free number instead of one that is taken', () => {
  expect(chooseSubnet(new Set([0, 1, 5]), 5)).toBe(2);
});

it('takes the last one, and after that says that there is none', () => {
  expect(chooseSubnet(new Set(ALL.slice(0, 255)), 0)).toBe(255);
  expect(() => chooseSubnet(new Set(ALL), 0)).toThrow('Cannot address the lab: 10.99.0.0/16 is used up');
});
