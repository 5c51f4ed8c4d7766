import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describeWithSshd, freePort } from './sshd';
import { UserConfig } from './user-config';

describeWithSshd('an ssh_config(5) with a jump host', () => {
  let user: UserConfig;
  beforeAll(async () => {
    user = await UserConfig.create();
  });
  afterAll(() => user.remove());

  afterEach(() => user.close());

  test.each<[string, readonly string[], () => readonly string[]]>([
    ['ProxyJump of the configuration', ['ProxyJump jump'], () => []],
    ['ProxyJump of sshOptions', [], () => ['ProxyJump=jump']],
    ['ProxyCommand of sshOptions', [], () => [`ProxyCommand=ssh -F ${user.path} -W %h:%p jump`]],
  ])('%s is gone through, by one connection', async (_, settings, options) => {
    const logins = user.jump.logins;
    await user.works(user.reach(settings, [], options()));
    expect(user.jump.logins).toBe(logins + 1);
  });

  test('that the user keeps a connection to is reached through that one, which stays', async () => {
    const controlPath = join(user.directory, 'own-%n');
    const own = ['ControlMaster auto', `ControlPath ${controlPath}`, 'ControlPersist 60'];
    const logins = user.jump.logins;
    for (let i = 0; i < 2; i += 1) {
      await user.works(user.reach(['ProxyJump jump'], own));
      await user.close();
    }
    expect(user.jump.logins).toBe(logins + 1);
    expect(readdirSync(user.directory).filter((name) => name.startsWith('own-'))).toEqual(['own-jump']);
    expect(spawnSync('ssh', ['-F', user.path, '-O', 'exit', 'jump']).status).toBe(0);
  });

  test('that does not let us in is told from the host behind it', async () => {
    await expect(
      user.reach(['ProxyJump stranger'], ['HostName 127.0.0.1', `Port ${user.jump.port}`]).run(['true']),
    ).rejects.toThrow('Cannot reach "lab" through its jump host: its host key is unknown');
  });

  test('that does not answer is given up after ConnectTimeout', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    const options = [`ProxyJump=127.0.0.1:${await portOf(silent)}`, 'ConnectTimeout=1'];
    await expect(user.reach([], [], options).run(['true'])).rejects.toThrow('Cannot reach "lab": it does not answer');
    silent.close();
  });

  test('that does not reach the host says why', async () => {
    const port = await freePort();
    await expect(user.reach(['ProxyJump jump'], [], [`Port=${port}`]).run(['true'])).rejects.toThrow(
      'Cannot reach "lab": its jump host does not reach it: Connection refused',
    );
  });
});

async function portOf(server: Server): Promise<number> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
