import { address6Of, formatAddress, parseAddress, parseSubnet, type Subnet, subnetsFor } from '../../lib/network';

const subnet = (text: string) => parseSubnet(text) as Subnet;

test.each([
  ['10.77.0.0/16', '10.77.0.0/16'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['FD00:0:0::/48', 'fd00::/48'],
  ['fd00:1:0:2:0:0:0:0/64', 'fd00:1:0:2::/64'],
  ['::ffff:a00:0/104', '::ffff:10.0.0.0/104'],
])('%s is the subnet %s', (given, text) => {
  expect(parseSubnet(given)?.text).toBe(text);
});

test.each([
  '10.77.0.1/16',
  '10.77.0.0',
  '10.77.0.0/33',
  '10.77/16',
  'fd00::1/64',
  'fd00::%eth0/64',
  '10.0.0.0/8/8',
  '',
])('"%s" is not a subnet', (text) => {
  expect(parseSubnet(text)).toBeUndefined();
});

test.each([
  ['::', 0n],
  ['::1', 1n],
  ['1::', 1n << 112n],
  ['1:0:0:2::3', (1n << 112n) | (2n << 64n) | 3n],
  ['2001:db8::192.0.2.1', (0x20010db8n << 96n) | 0xc0000201n],
])('%s is read and written', (text, number) => {
  expect(parseAddress(text)).toBe(number);
  expect(parseAddress(formatAddress(number, 6))).toBe(number);
});

test('IPv6 is written as RFC 5952 says', () => {
  const written = [
    '2001:0db8:0:0:1:0:0:1',
    '1:0:1:0:1:0:1:0',
    '0:0:0:0:0:0:0:0',
    '1:2:3:4:5:6:7:8',
    'fe80:0:0:0:1:0:0:0',
  ];
  expect(written.map((text) => formatAddress(parseAddress(text) as bigint, 6))).toEqual([
    '2001:db8::1:0:0:1',
    '1:0:1:0:1:0:1:0',
    '::',
    '1:2:3:4:5:6:7:8',
    'fe80::1:0:0:0',
  ]);
});

test('the subnets of a network follow from its names, within 10.64.0.0/12 and fd00::/8', () => {
  const { subnet: four, subnet6: six } = subnetsFor('host', 'shop');
  expect([four.text, six.text]).toEqual([
    subnetsFor('host', 'shop').subnet.text,
    subnetsFor('host', 'shop').subnet6.text,
  ]);
  expect(subnetsFor('host', 'blog').subnet6.text).not.toBe(six.text);
  expect(four.text).toMatch(/^10\.(?:6[4-9]|7\d)\.\d+\.0\/18$/);
  expect(six.text).toMatch(/^fd[0-9a-f:]+::\/64$/);
});

test('the IPv6 address of a service ends with its IPv4 address', () => {
  expect(address6Of('10.77.1.2', subnet('fd12:3456:789a:1::/64'))).toBe('fd12:3456:789a:1::a4d:102');
});
