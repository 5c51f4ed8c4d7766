import { isOldClient, masterArgv } from '../../lib/transport/ssh-client';

describe('isOldClient()', () => {
  test.each([
    ['command-line: line 0: Bad configuration option: sessiontype\r\n', true],
    ['command-line line 0: Bad configuration option: StdinNull\n', true],
    ['command-line: line 0: Bad configuration option: nosuchoption\r\n', false],
    ['/root/.ssh/config: line 3: Bad configuration option: sessiontype\r\n', false],
    ['sh: ssh: not found', false],
  ])('after %j', (output, old) => {
    expect(isOldClient(output)).toBe(old);
  });
});

describe('masterArgv()', () => {
  const target = { address: 'ssh://web1', host: 'web1', options: ['ConnectTimeout=3'] };
  const sharing = { controlPath: '/tmp/s', kept: false };

  test('has no option that an old client refuses', () => {
    expect(masterArgv(target, sharing, 'true', true)).not.toContain('SessionType=default');
    expect(masterArgv(target, sharing, 'true')).toContain('SessionType=default');
  });

  test("gives the user's options precedence over the defaults, not over what the connection needs", () => {
    const argv = masterArgv(target, sharing, 'true');
    const given = argv.indexOf('ConnectTimeout=3');
    expect(argv.indexOf('ControlPath=/tmp/s')).toBeLessThan(given);
    expect(given).toBeLessThan(argv.indexOf('ConnectTimeout=10'));
  });

  test('keeps no connection unless it is asked to', () => {
    const persist = { ...target, options: ['ControlPersist=60'] };
    expect(masterArgv(persist, sharing, 'true')).toContain('ControlPersist=no');
    const kept = masterArgv(persist, { ...sharing, kept: true }, 'true');
    expect(kept).toContain('ControlMaster=auto');
    expect(kept).not.toContain('ControlPersist=no');
  });
});
