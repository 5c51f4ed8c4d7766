import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../lib/transport';
import { CommandTransport } from '../../lib/transport/command-transport';
import { SshConnection } from '../../lib/transport/ssh';
import { describeWithSshd, Sshd } from './sshd';

describeWithSshd('a login whose shell never comes', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await Sshd.start();
  });
  afterAll(() => sshd.stop());

  const target = () => {
    const { address, options, port } = sshd;
    return { address, host: '127.0.0.1', port, options };
  };

  test('is given up, with what to look for', async () => {
    // It ends with the connection.
    writeFileSync(join(sshd.home, '.bashrc'), 'cat >/dev/null\n');
    const transport = new CommandTransport(sshd.address, new SshConnection(target(), 10_000));
    const failed = await transport.run(['true']).catch((error) => error);
    writeFileSync(join(sshd.home, '.bashrc'), '');
    expect(failed.message).toBe(`Cannot reach "${sshd.address}": its login shell ran no command within 10 s`);
    expect(failed.advice).toMatch(/^See what its start-up files wait for: ssh -v /);
    expect((await transport.run(['echo', 'later'])).stdout.toString()).toBe('later\n');
    await transport.close();
  }, 30_000);

  test('is given up also once there is a connection', async () => {
    const transport = new CommandTransport(sshd.address, new SshConnection(target(), 10_000));
    try {
      await transport.run(['true']);
      // Longer than it is waited for. Its input is at its end.
      writeFileSync(join(sshd.home, '.bashrc'), 'sleep 20\n');
      const failed = await transport.run(['true']).catch((error) => error);
      writeFileSync(join(sshd.home, '.bashrc'), '');
      expect(failed.message).toBe(`Cannot reach "${sshd.address}": its login shell ran no command within 10 s`);
      expect((await transport.run(['echo', 'later'])).stdout.toString()).toBe('later\n');
    } finally {
      await transport.close();
    }
  }, 40_000);
});

describe('without an ssh client', () => {
  const { PATH } = process.env;
  let bin: string;
  beforeAll(() => {
    bin = mkdtempSync(join(tmpdir(), 'bin-'));
    for (const program of ['sh', 'rm']) symlinkSync(`/bin/${program}`, join(bin, program));
    process.env.PATH = bin;
  });
  afterAll(() => {
    process.env.PATH = PATH;
    rmSync(bin, { recursive: true });
  });

  test.each([
    ['a connection', []],
    ['a connection that is kept', ['ControlPersist=60']],
  ])('%s is an error that says so', async (_, sshOptions) => {
    await expect(connect({ address: 'ssh://192.0.2.1', sshOptions }).run(['true'])).rejects.toMatchObject({
      message: 'Cannot reach "ssh://192.0.2.1": the ssh client is not installed',
      advice: 'apt-get install openssh-client',
    });
  });
});
