import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, TransportError } from '../../lib/transport';

describe('connect()', () => {
  test('keeps the address as it was written', () => {
    expect(connect({ address: 'ssh://root@[2001:db8::1]:22' }).address).toBe('ssh://root@[2001:db8::1]:22');
  });

  test('refuses a bad address before anything runs', () => {
    expect(() => connect({ address: 'ssh://-oProxyCommand=id' })).toThrow('Cannot parse address');
  });

  test.each(['ProxyJump', '-oProxyJump=x', '=x', 'ProxyJump=', 'Proxy Jump=x', 'ProxyJump=a\nProxyCommand=b'])(
    'refuses ssh option %j',
    (option) => {
      expect(() => connect({ address: 'ssh://web1', sshOptions: ['Port=22', option] })).toThrow(
        `Cannot use ssh option ${JSON.stringify(option)}: ` +
          'expected "Key=value" as in ssh_config(5) (at sshOptions[1])',
      );
    },
  );

  test('closes a transport that was never used', async () => {
    await connect({ address: 'ssh://no-such-host.invalid' }).close();
  });

  describe('to a practice host', () => {
    const home = process.env.BULKHEAD_LAB_HOME;
    let directory: string;
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'lab-'));
      process.env.BULKHEAD_LAB_HOME = directory;
    });
    afterAll(() => {
      rmSync(directory, { recursive: true });
      if (home === undefined) delete process.env.BULKHEAD_LAB_HOME;
      else process.env.BULKHEAD_LAB_HOME = home;
    });

    test.each([
      ['lab', 'bulkhead lab up'],
      ['lab:ci', 'bulkhead lab up --name ci'],
    ])('%s that is not there says how to start it', async (address, advice) => {
      const transport = connect({ address });
      const error = await transport.run(['true']).catch((reason) => reason);
      expect(error).toBeInstanceOf(TransportError);
      expect(error.message).toBe(`Cannot reach "${address}": the practice host is not running`);
      expect(error.advice).toBe(advice);
      await transport.close();
    });
  });
});
