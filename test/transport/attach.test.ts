import { spawnSync } from 'node:child_process';
import { attachedArgv } from '../../lib/transport';

const WORDS = ['printf', '%s|', "it's", 'a b', '$HOME', '!x\n', '-l'];

test('a command of this machine is run as it is', () => {
  const argv = attachedArgv({ address: 'local' }, WORDS, false);
  expect(argv.slice(-WORDS.length)).toEqual(WORDS);
  expect(['printf', 'sudo']).toContain(argv[0]);
});

test('over SSH it is one line, which any shell takes apart into the same words', () => {
  const options = { address: 'ssh://root@web1:2222', sshOptions: ['ProxyJump=jump'] };
  const argv = attachedArgv(options, WORDS, true);
  expect(argv.slice(0, 2)).toEqual(['ssh', '-t']);
  expect(argv.slice(-7, -1)).toEqual(['-l', 'root', '-p', '2222', '--', 'web1']);
  expect(argv).toEqual(expect.arrayContaining(['ProxyJump=jump', 'BatchMode=yes']));
  // Not as root, it would ask sudo.
  const line = String(argv.at(-1)).replace('"$(id -u)" = 0', '0 = 0');
  expect(spawnSync('sh', ['-c', line], { encoding: 'utf8' })).toMatchObject({
    stdout: "it's|a b|$HOME|!x\n|-l|",
    stderr: '',
    status: 0,
  });
});

test('without a terminal, SSH asks for none; a practice host has its own configuration', () => {
  const argv = attachedArgv({ address: 'lab:mine' }, WORDS, false);
  expect(argv.slice(0, 3)).toEqual(['ssh', '-T', '-F']);
  expect(argv.at(-2)).toBe('lab');
});

test('a machine is entered by its first process', () => {
  const argv = attachedArgv({ address: 'machine://web' }, WORDS, true);
  expect(argv.slice(-WORDS.length - 1)).toEqual(['web', ...WORDS]);
  expect(argv.join(' ')).not.toContain('setsid');
});

test.each([
  ['ftp://a', ['true'], 'Cannot parse address "ftp://a"'],
  ['local', ['-x'], 'Cannot run "-x": it starts with "-"'],
  ['ssh://web1', ['true', 'x'.repeat(200_000)], 'Cannot run "true": its arguments take'],
])('refuses %s with %j', (address, argv, message) => {
  expect(() => attachedArgv({ address }, argv, false)).toThrow(message);
});
