import { type PortProp, parsePort, portsCollide, showPort } from '../../lib/constructs/ports';

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
    ['1.2.3:80:80', 'Cannot publish "1.2.3:80:80": "1.2.3" is no IP address, expected one such as 127.0.0.1 or ::1'],
    ['web', 'Cannot publish "web": is no port, expected "[ip:][hostPort:]containerPort[/tcp|udp]"'],
    [{}, 'Cannot publish {}: container port is missing, expected "[ip:][hostPort:]containerPort[/tcp|udp]"'],
    [null, 'Cannot publish null: is no port, expected "[ip:][hostPort:]containerPort[/tcp|udp]"'],
  ])('refuses %j', (value, message) => {
    expect(() => parse(value as PortProp)).toThrow(`${message} (at shop/host/web.ports[0])`);
  });
});

test.each<[PortProp, PortProp, boolean]>([
  ['80', '80', true],
  ['80', '81:80', false],
  ['80/tcp', '80/udp', false],
  ['127.0.0.1:80:80', '127.0.0.2:80:80', false],
  ['127.0.0.1:80:80', '80', true],
  ['0.0.0.0:80:80', '10.0.0.1:80:8080', true],
  ['[::]:80:80', '127.0.0.1:80:80', true],
])('portsCollide(%j, %j) is %s', (a, b, expected) => {
  expect(portsCollide(parsePort(a, ''), parsePort(b, ''))).toBe(expected);
  expect(portsCollide(parsePort(b, ''), parsePort(a, ''))).toBe(expected);
});

test('showPort writes a port as a person does', () => {
  expect(showPort(parsePort('8080:80', ''))).toBe('tcp 0.0.0.0:8080');
  expect(showPort(parsePort('[::1]:8080:80/udp', ''))).toBe('udp [::1]:8080');
});
