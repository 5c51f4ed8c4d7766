import { clientVersion, masterArgv, parseVersion } from '../../lib/transport/ssh-client';

describe('parseVersion()', () => {
  test.each([
    ['OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026\n', 9.2],
    ['OpenSSH_10.0p2, LibreSSL 4.0.0', 10],
    ['OpenSSH_8.0p1, OpenSSL 1.1.1k  FIPS 25 Mar 2021', 8],
    ['sh: ssh: not found', 0],
  ])('of %j', (output, version) => {
    expect(parseVersion(output)).toBe(version);
  });
});

test('clientVersion() is asked for once', () => {
  expect(clientVersion()).toBe(clientVersion());
});

describe('masterArgv()', () => {
  const target = { address: 'ssh://web1', host: 'web1', options: ['ConnectTimeout=3'] };

  test('has no option that an old client refuses', () => {
    expect(masterArgv(target, '/tmp/s', 8.2)).not.toContain('SessionType=default');
    expect(masterArgv(target, '/tmp/s', 8.7)).toContain('SessionType=default');
  });

  test("gives the user's options precedence over the defaults, not over what the connection needs", () => {
    const argv = masterArgv(target, '/tmp/s', 9);
    const given = argv.indexOf('ConnectTimeout=3');
    expect(argv.indexOf('ControlPath=/tmp/s')).toBeLessThan(given);
    expect(given).toBeLessThan(argv.indexOf('ConnectTimeout=10'));
  });
});
