import { sudoError } from '../../lib/transport/sudo';
import { TransportError } from '../../lib/transport/transport';

const address = 'ssh://deploy@web1';
const allow =
  'Add to sudoers there, by visudo -f /etc/sudoers.d/bulkhead: deploy ALL=(root) NOPASSWD: ALL; or log in as root';

describe('sudoError()', () => {
  test.each<[output: string, what: string, advice: string]>([
    ['sudo: a password is required', 'sudo asks "deploy" for a password', allow],
    ['sudo: interactive authentication is required', 'sudo asks "deploy" for a password', allow],
    [
      'sudo: unable to resolve host web1: Name or service not known\nsudo: a password is required\n',
      'sudo asks "deploy" for a password',
      allow,
    ],
    [
      'sudo: sorry, you must have a tty to run sudo',
      'sudo asks "deploy" for a terminal',
      'Add to sudoers there, by visudo -f /etc/sudoers.d/bulkhead: Defaults:deploy !requiretty; or log in as root',
    ],
    [
      "Sorry, user deploy is not allowed to execute '/usr/bin/setsid -w sh' as root on web1.",
      'sudo lets "deploy" run only some commands',
      allow,
    ],
    [
      'sudo: unable to resolve host web1: Name or service not known\nsudo: account validation failure, is your account locked?',
      'sudo refuses "deploy": account validation failure, is your account locked?',
      allow,
    ],
    ...['sh: 4: exec: sudo: not found', 'sh: line 4: exec: sudo: not found', 'sh: sudo: command not found'].map(
      (output): [string, string, string] => [
        output,
        '"deploy" is not root, and sudo is not installed',
        'Install it there (apt-get install sudo), then add to sudoers by visudo: ' +
          'deploy ALL=(root) NOPASSWD: ALL; or log in as root',
      ],
    ),
  ])('after %j', (output, what, advice) => {
    const error = sudoError(address, 'deploy', `welcome\nbulkhead: user deploy\n${output}`);
    expect(error).toBeInstanceOf(TransportError);
    expect(error?.message).toBe(`Cannot become root on "${address}": ${what}`);
    expect(error?.advice).toBe(advice);
  });

  test('writes a name for sudoers(5)', () => {
    expect(sudoError(address, 'EXAMPLE\\jo doe', 'sudo: a password is required')?.advice).toContain(
      ': EXAMPLE\\\\jo\\ doe ALL=(root) NOPASSWD: ALL',
    );
  });

  test('is none when sudo said nothing', () => {
    expect(sudoError(address, 'deploy', 'This account is currently not available.')).toBeUndefined();
  });
});
