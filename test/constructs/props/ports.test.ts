import { type PortProp, parsePort, parsePorts, portClaim } from '../../../lib/constructs/props/ports';
import { claimsCollide, parseClaim } from '../../../lib/containment';

const parse = (value: PortProp) => {
  const { at: _, ...port } = parsePort(value, 'shop/host/web.ports[0]');
  return port;
};

describe('parsePort', () => {
  test.each<[PortProp, object]>([
    [8080, { ip: undefined, host: '8080', container: '8080', protocol: 'tcp' }],
    ['8080', { ip: undefined, host: '8080', container: '8080', protocol: 'tcp' }],
    ['8080:80', { ip: undefined, host: '8080', container: '80', protocol: 'tcp' }],
    ['53/udp', { ip: undefined, host: '53', container: '53', protocol: 'udp' }],
    ['127.0.0.1:8080:80/udp', { ip: '127.0.0.1', host: '8080', container: '80', protocol: 'udp' }],
    ['[::1]:8080:80', { ip: '::1', host: '8080', container: '80', protocol: 'tcp' }],
    ['127.0.0.1:8080', { ip: '127.0.0.1', host: '8080', container: '8080', protocol: 'tcp' }],
    [{ container: 80 }, { ip: undefined, host: '80', container: '80', protocol: 'tcp' }],
    [
      { container: 80, host: 8080, ip: '::1', protocol: 'udp' },
      { ip: '::1', host: '8080', container: '80', protocol: 'udp' },
    ],
  ])('reads %j', (value, expected) => {
    expect(parse(value)).toEqual(expected);
  });

  test.each<[unknown, string]>([
    ['99999', 'Cannot publish "99999": container port is out of range, expected an integer from 1 to 65535'],
    [0, 'Cannot publish 0: container port is out of range, expected an integer from 1 to 65535'],
    [80.5, 'Cannot publish 80.5: container port is out of range, expected an integer from 1 to 65535'],
    ['8080:', 'Cannot publish "8080:": container port is missing, expected "[ip:][hostPort:]containerPort[/tcp|udp]"'],
    [':80', 'Cannot publish ":80": host port is missing, expected "[ip:][hostPort:]containerPort[/tcp|udp]"'],
    ['80/sctp', 'Cannot publish "80/sctp": protocol "sctp" is unknown, expected tcp or udp'],
    [
      '1.2.3:80:80',
      'Cannot publish "1.2.3:80:80": "1.2.3" is not an IP address, expected an address such as 127.0.0.1 or ::1',
    ],
    ['web', 'Cannot publish "web": is not a port, expected "[ip:][hostPort:]containerPort[/tcp|udp]"'],
    [{}, 'Cannot publish {}: container port is missing, expected "[ip:][hostPort:]containerPort[/tcp|udp]"'],
    [null, 'Cannot publish null: is not a port, expected "[ip:][hostPort:]containerPort[/tcp|udp]"'],
  ])('refuses %j', (value, message) => {
    expect(() => parse(value as PortProp)).toThrow(`${message} (at shop/host/web.ports[0])`);
  });
});

describe('a range of ports', () => {
  const texts = (...values: PortProp[]) =>
    parsePorts(values, 'shop/host/web').map(({ ip, host, container, protocol }) => [ip, host, container, protocol]);

  test.each<[PortProp, string[]]>([
    ['8000-8001', ['8000:8000', '8001:8001']],
    ['8000-8001:9000-9001', ['8000:9000', '8001:9001']],
    ['127.0.0.1:53-54/udp', ['127.0.0.1:53:53/udp', '127.0.0.1:54:54/udp']],
    ['[::1]:80-81:90-91', ['[::1]:80:90', '[::1]:81:91']],
    ['80-80', ['80:80']],
  ])('%j stands for its ports', (range, ports) => {
    expect(texts(range, 7)).toEqual(texts(...(ports as PortProp[]), 7));
  });

  test('has the index of the prop in messages', () => {
    expect(parsePorts(['7', '8000-8001'], 'web').map(({ at }) => at)).toEqual([
      'web.ports[0]',
      'web.ports[1]',
      'web.ports[1]',
    ]);
  });

  test.each([
    ['81-80', 'Cannot publish "81-80": the range ends before it begins, expected "80-81" (at web.ports[0])'],
    ['1-1001', 'Cannot publish "1-1001": the range has 1001 ports, expected at most 1000 (at web.ports[0])'],
    ['80-81:90-92', 'the two ranges differ in length, expected the same number of ports on both sides'],
    ['80-81:90', 'is not a port'],
    ['65535-65536', 'container port is out of range'],
    ['0-1', 'container port is out of range'],
  ])('%j is refused', (range, message) => {
    expect(() => parsePorts([range as PortProp], 'web')).toThrow(message);
  });
});

test.each<[PortProp, PortProp, boolean]>([
  ['80', '80', true],
  ['80', '81:80', false],
  ['80/tcp', '80/udp', false],
  ['127.0.0.1:80:80', '127.0.0.2:80:80', false],
  ['127.0.0.1:80:80', '80', true],
  ['0.0.0.0:80:80', '10.0.0.1:80:8080', true],
  ['[::]:80:80', '127.0.0.1:80:80', false],
  ['[::]:80:80', '[::1]:80:80', true],
  ['[::]:80:80', '80', true],
])('ports %j and %j collide where one listens for both families: %s', (a, b, expected) => {
  const claim = (port: PortProp) => parseClaim(portClaim(parsePort(port, ''), '*'));
  expect(claimsCollide(claim(a), claim(b))).toBe(expected);
  expect(claimsCollide(claim(b), claim(a))).toBe(expected);
});

test('a port is claimed as a person writes it', () => {
  expect(portClaim(parsePort('8080:80', ''), '0.0.0.0')).toBe('tcp 0.0.0.0:8080');
  expect(portClaim(parsePort('8080:80', ''), '*')).toBe('tcp *:8080');
  expect(portClaim(parsePort('[::1]:8080:80/udp', ''), '*')).toBe('udp [::1]:8080');
});
