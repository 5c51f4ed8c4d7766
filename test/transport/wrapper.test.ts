import { spawnSync } from 'node:child_process';
import { parseEnd, parseStart, wrappedArgv } from '../../lib/transport/wrapper';

describe("the wrapper's reports", () => {
  test('are not there before the line is complete', () => {
    expect(parseStart('id-1', Buffer.from('welcome\nid-1 12'))).toBeUndefined();
    expect(parseEnd('id-1', Buffer.from('id-1 12\nerror\n'))).toBeUndefined();
  });

  test('are taken out of the output', () => {
    expect(parseStart('id-1', Buffer.from('welcome id-1 123\nout'))).toEqual({
      group: '123',
      rest: Buffer.from('out'),
    });
    expect(parseEnd('id-1', Buffer.from('hm id-1 123\nerror, no newline: id-1 255\nfrom the background\n'))).toEqual({
      exitCode: 255,
      stderr: 'error, no newline: from the background\n',
    });
  });

  test('are the last that look like one', () => {
    expect(parseEnd('id-1', Buffer.from('id-1 123\nid-1 7\nid-1 0\n'))).toEqual({ exitCode: 0, stderr: 'id-1 7\n' });
  });
});

describe('the wrapper', () => {
  const run = (guard: string) => {
    const [shell = '', ...words] = wrappedArgv('id-1', ['echo', 'out'], guard);
    return spawnSync(shell, words).stdout.toString();
  };

  test('starts nothing when its guard ends it', () => {
    expect(run('[ -e /proc/0 ] || exit\n')).toBe('');
    expect(run('[ -e /proc/self ] || exit\n')).toMatch(/^id-1 \d+\nout\n$/);
  });
});
