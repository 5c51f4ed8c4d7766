import { parseAddress } from '../../lib/manifest';

describe('parseAddress()', () => {
  test.each([
    ['local', { kind: 'local' }],
    ['lab', { kind: 'lab', name: 'default' }],
    ['lab:ci-2', { kind: 'lab', name: 'ci-2' }],
    ['machine://web', { kind: 'machine', name: 'web' }],
    ['machine://Web_1.example-2', { kind: 'machine', name: 'Web_1.example-2' }],
    ['ssh://web1', { kind: 'ssh', host: 'web1' }],
    ['ssh://root@192.0.2.10', { kind: 'ssh', user: 'root', host: '192.0.2.10' }],
    ['ssh://root@web1.example.com:2222', { kind: 'ssh', user: 'root', host: 'web1.example.com', port: 2222 }],
    ['ssh://[2001:db8::1]', { kind: 'ssh', host: '2001:db8::1' }],
    ['ssh://root@[fe80::1%eth0]:22', { kind: 'ssh', user: 'root', host: 'fe80::1%eth0', port: 22 }],
    ['ssh://deploy-bot.x@my_alias', { kind: 'ssh', user: 'deploy-bot.x', host: 'my_alias' }],
    ['ssh://bücher.example', { kind: 'ssh', host: 'bücher.example' }],
  ])('reads %s', (address, expected) => {
    expect(parseAddress(address)).toEqual(expected);
  });

  const forms = 'expected "local", "ssh://[user@]host[:port]", "machine://name" or "lab[:name]"';
  test.each([
    ['', 'it is empty'],
    ['web1', 'it has an unknown form'],
    ['https://web1', 'it has an unknown form'],
    ['Local', 'it has an unknown form'],
    ['ssh://', 'the host is missing'],
    ['ssh://root@', 'the host is missing'],
    ['ssh://:22', 'the host is missing'],
    ['ssh://@web1', 'the user "" is not valid'],
    ['ssh://-oProxyCommand=id', 'the host "-oProxyCommand=id" is not valid'],
    ['ssh://root@-F', 'the host "-F" is not valid'],
    ['ssh://-l@web1', 'the user "-l" is not valid'],
    ['ssh://a b', 'the host "a b" is not valid'],
    ['ssh://web1\n', String.raw`the host "web1\n" is not valid`],
    ['ssh://ro\u0007ot@web1', String.raw`the user "ro\u0007ot" is not valid`],
    ['ssh://ro ot@web1', 'the user "ro ot" is not valid'],
    ['ssh://$(id)@web1', 'the user "$(id)" is not valid'],
    ['ssh://web1;id', 'the host "web1;id" is not valid'],
    ['ssh://web1/', 'the host "web1/" is not valid'],
    ['ssh://web%41', 'the host "web%41" is not valid'],
    ['ssh://[web1]', 'the host "[web1]" is not valid'],
    ['ssh://[::1', 'the host "[" is not valid'],
  ])('refuses %j', (address, what) => {
    expect(() => parseAddress(address)).toThrow(`Cannot parse address ${JSON.stringify(address)}: ${what}, ${forms}`);
  });

  test.each(['0', '65536', '', 'ssh', '-1', '2e3', '22 '])('refuses port %j', (port) => {
    expect(() => parseAddress(`ssh://web1:${port}`)).toThrow(
      `the port ${JSON.stringify(port)} is not valid, expected a number from 1 to 65535`,
    );
  });

  test.each(['', '../x', 'A', '-x', 'a b'])('refuses practice host %j', (name) => {
    expect(() => parseAddress(`lab:${name}`)).toThrow('expected lower case letters, digits and "-"');
  });

  test.each(['', '.host', '-x', 'a/b', 'a b', 'a.', 'x'.repeat(65)])('refuses machine %j', (name) => {
    expect(() => parseAddress(`machine://${name}`)).toThrow('expected a name as in machinectl(1)');
  });

  test('refuses an IPv6 address without brackets', () => {
    expect(() => parseAddress('ssh://fe80::1')).toThrow('Cannot parse address "ssh://fe80::1"');
  });

  test('refuses a password and does not repeat it', () => {
    expect(() => parseAddress('ssh://root:secret@web1')).toThrow(
      'Cannot parse address "ssh://***@web1": it has a password, expected a user alone: log in with a key',
    );
  });
});
