import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { connect, type Transport } from '../../lib/transport';
import { UniqueSleep } from './contract';
import { describeWithSshd, Sshd } from './sshd';

describeWithSshd('an SSH connection with ControlPersist', () => {
  const runtime = process.env.XDG_RUNTIME_DIR;
  let sshd: Sshd;
  let parent: string;
  const opened: Transport[] = [];
  const reach = (...more: string[]) => {
    const transport = connect({ address: sshd.address, sshOptions: [...sshd.options, 'ControlPersist=60', ...more] });
    opened.push(transport);
    return transport;
  };
  const directory = () => join(parent, `bulkhead-ssh-${userInfo().uid}`);
  const sockets = () => readdirSync(directory()).map((name) => join(directory(), name));
  const control = (socket: string, order: string) => spawnSync('ssh', ['-O', order, '-S', socket, 'host']);

  beforeEach(async () => {
    sshd = await Sshd.start();
    parent = mkdtempSync(join(tmpdir(), 'kept-'));
    process.env.XDG_RUNTIME_DIR = parent;
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((transport) => transport.close()));
    for (const socket of sockets()) control(socket, 'exit');
    rmSync(parent, { recursive: true });
    if (runtime === undefined) delete process.env.XDG_RUNTIME_DIR;
    else process.env.XDG_RUNTIME_DIR = runtime;
    await sshd.stop();
  });

  test('is one for several transports, also one after the other', async () => {
    const first = reach();
    expect((await first.run(['echo', '1'])).stdout.toString()).toBe('1\n');
    await first.close();
    const [second, third] = [reach(), reach()];
    const results = await Promise.all([second, third, second, third].map((each) => each.run(['cat'])));
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    expect(sshd.logins).toBe(1);
  });

  test('is another one for other options', async () => {
    await reach().run(['true']);
    await reach('Compression=yes').run(['true']);
    expect(sshd.logins).toBe(2);
    expect(sockets()).toHaveLength(2);
  });

  test('has its socket where nobody else gets at it', async () => {
    await reach().run(['true']);
    expect(statSync(directory()).mode & 0o777).toBe(0o700);
    const [socket = ''] = sockets();
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });

  test('is refused where others may get at its socket', async () => {
    await reach().run(['true']);
    chmodSync(directory(), 0o770);
    await expect(reach().run(['true'])).rejects.toMatchObject({
      message: `Cannot keep a connection to "${sshd.address}": ${directory()} is not a directory of yours alone`,
      advice: `Remove it, or leave ControlPersist out of sshOptions: rm -r ${directory()}`,
    });
  });

  test('stays when a transport ends what runs through it', async () => {
    const [one, other] = [reach(), reach()];
    const sleep = new UniqueSleep(other);
    expect(await sleep.count()).toBe(0);
    const running = one.run(sleep.argv('"$@" & "$@"'));
    running.catch(() => {});
    await sleep.seen(2);
    await one.close();
    await sleep.seen(0);
    await expect(running).rejects.toThrow('the connection was closed');
    expect(sshd.logins).toBe(1);
  });

  test('is made anew when it has ended', async () => {
    const transport = reach();
    await transport.run(['true']);
    const [socket = ''] = sockets();
    expect(control(socket, 'exit').status).toBe(0);
    expect((await transport.run(['echo', 'again'])).stdout.toString()).toBe('again\n');
    expect(sshd.logins).toBe(2);
  });
});
