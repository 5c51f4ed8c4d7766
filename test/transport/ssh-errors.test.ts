import { connectError } from '../../lib/transport/ssh-errors';

const target = { address: 'ssh://root@web1:2222', host: 'web1', user: 'root', port: 2222, options: ['ProxyJump=a b'] };
const byHand = `ssh -o 'ProxyJump=a b' -p 2222 root@web1`;

describe('connectError()', () => {
  test.each([
    ['/tmp/x: 1: ssh: not found', 'the ssh client is not installed'],
    ['/tmp/x: line 1: ssh: command not found', 'the ssh client is not installed'],
    ['ssh: Could not resolve hostname web1: Name or service not known\r\n', 'the name "web1" does not resolve'],
    ['ssh: Could not resolve hostname web1: Temporary failure in name resolution', 'the name "web1" does not resolve'],
    ['ssh: connect to host web1 port 2222: Connection refused', 'nothing accepts connections on port 2222'],
    ['ssh: connect to host web1 port 2222: Connection timed out', 'it does not answer'],
    ['ssh: connect to host web1 port 2222: No route to host', 'it does not answer'],
    ['ssh: connect to host web1 port 2222: Network is unreachable', 'it does not answer'],
    ['Connection timed out during banner exchange', 'it does not answer'],
    ['kex_exchange_identification: Connection closed by remote host', 'it closed the connection during the login'],
    ['Connection reset by 192.0.2.10 port 2222', 'it closed the connection during the login'],
    ['Host key verification failed.', 'its host key is unknown'],
    [
      'No ED25519 host key is known for [web1]:2222 and you have requested strict checking.\nHost key verification failed.',
      'its host key is unknown',
    ],
    [
      'Host key for [web1]:2222 has changed and you have requested strict checking.\nHost key verification failed.',
      'its host key has changed: it was installed anew, or somebody intercepts the connection',
    ],
    ['root@web1: Permission denied (publickey,password).', 'it refuses the login (it accepts publickey, password)'],
    [
      'Received disconnect from 192.0.2.10 port 22:2: Too many authentication failures\nDisconnected from 192.0.2.10',
      'it refuses the login: too many keys were tried',
    ],
    [
      '/root/.ssh/config: line 3: Bad configuration option: colour\n/root/.ssh/config: terminating, 1 bad configuration options',
      'the ssh client refuses its configuration: /root/.ssh/config: line 3: Bad configuration option: colour',
    ],
    ['This account is currently not available.\n', 'it answered "This account is currently not available."'],
    ['', 'the connection ended at once'],
  ])('after %j', (output, what) => {
    const error = connectError(target, output);
    expect(error.message).toBe(`Cannot reach "ssh://root@web1:2222": ${what}`);
    expect(error.address).toBe('ssh://root@web1:2222');
    expect(error.advice).not.toContain('\n');
  });

  test('advises a command that can be pasted', () => {
    expect(connectError(target, 'Host key verification failed.').advice).toBe(
      `Connect once by hand and compare the fingerprint: ${byHand}`,
    );
    const plain = { address: 'ssh://web1', host: 'web1', options: [] };
    expect(connectError(plain, '').advice).toBe('Try by hand: ssh web1');
    expect(connectError(plain, 'REMOTE HOST IDENTIFICATION HAS CHANGED').advice).toMatch(/: ssh-keygen -R web1$/);
  });
});

describe('connectError() behind a jump host', () => {
  const lost = '\r\nkex_exchange_identification: Connection closed by remote host\r\n';
  const notForwarded = `\r\nstdio forwarding failed${lost}`;

  test.each([
    ['Host key verification failed.', ' through its jump host: its host key is unknown'],
    [
      'root@jump: Permission denied (publickey).',
      ' through its jump host: it refuses the login (it accepts publickey)',
    ],
    [
      'ssh: connect to host 192.0.2.1 port 22: Connection refused',
      ' through its jump host: nothing accepts connections on port 22',
    ],
    [
      'ssh: Could not resolve hostname jump: Name or service not known',
      ' through its jump host: the name "jump" does not resolve',
    ],
  ])('after %j of the jump host', (output, what) => {
    expect(connectError(target, output + lost).message).toBe(`Cannot reach "ssh://root@web1:2222"${what}`);
  });

  test.each([
    ['connect failed: Name or service not known', 'its jump host does not reach it: Name or service not known'],
    ['connect failed: Connection timed out', 'its jump host does not reach it: Connection timed out'],
    ['administratively prohibited: open failed', 'its jump host does not forward connections'],
  ])('after %j of the forwarding', (output, what) => {
    const error = connectError(target, `channel 0: open failed: ${output}${notForwarded}`);
    expect(error.message).toBe(`Cannot reach "ssh://root@web1:2222": ${what}`);
  });

  test('names the one whose key has changed', () => {
    const changed =
      'WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\r\nHost key for jump.example has changed and you have requested ' +
      'strict checking.\r\nHost key verification failed.';
    const error = connectError(target, changed + lost);
    expect(error.message).toContain(' through its jump host: its host key has changed');
    expect(error.advice).toMatch(/: ssh-keygen -R jump\.example$/);
  });
});

describe('connectError() where sudo is needed', () => {
  test('says why it is refused', () => {
    const output = 'welcome\nbulkhead: user deploy\nsudo: a password is required\n';
    expect(connectError(target, output).message).toBe(
      'Cannot become root on "ssh://root@web1:2222": sudo asks "deploy" for a password',
    );
  });
});

describe('connectError() for a practice host', () => {
  const lab = {
    address: 'lab',
    host: 'lab',
    lab: { name: 'default', configFile: '/srv/lab/ssh_config' },
    options: [],
  };

  test.each([
    ['ssh: connect to host 198.51.100.2 port 22: Connection refused', 'nothing accepts connections on port 22'],
    ['ssh: connect to host 198.51.100.2 port 22: No route to host', 'it does not answer'],
  ])('advises to start it after %j', (output, what) => {
    expect(connectError(lab, output)).toMatchObject({
      message: `Cannot reach "lab": ${what}`,
      advice: 'bulkhead lab up',
    });
  });

  test('names its configuration in the command to try by hand', () => {
    expect(connectError(lab, '').advice).toBe('Try by hand: ssh -F /srv/lab/ssh_config lab');
  });
});
