import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect, type Transport, TransportError } from '../../lib/transport';
import { UniqueSleep } from './contract';
import { describeWithSshd, freePort, Sshd } from './sshd';

describeWithSshd('ssh', () => {
  let sshd: Sshd;
  const opened: Transport[] = [];
  const reach = (address = sshd.address, sshOptions = sshd.options) => {
    const transport = connect({ address, sshOptions });
    opened.push(transport);
    return transport;
  };
  /** The processes that are connections to the server. */
  const connections = async (observer: Transport) => {
    const lines = (await observer.run(['ps', '-eo', 'pid=,args='])).stdout.toString().split('\n');
    return lines.flatMap(
      (line) => new RegExp(`^ *(\\d+) ssh .*ControlMaster=yes.* -p ${sshd.port}`).exec(line)?.[1] ?? [],
    );
  };
  const restart = async (settings: Record<string, string | number>) => {
    await sshd.stop();
    sshd = await Sshd.start(settings);
  };

  beforeAll(async () => {
    sshd = await Sshd.start();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((transport) => transport.close()));
  });
  afterAll(() => sshd.stop());

  describe('the connection', () => {
    test('is one for all commands, made at the first of them', async () => {
      const before = sshd.logins;
      const transport = reach();
      expect(sshd.logins).toBe(before);
      await Promise.all(Array.from({ length: 30 }, () => transport.run(['true'])));
      await transport.run(['true']);
      expect(sshd.logins).toBe(before + 1);
    });

    test('is made anew, once, when it was lost between two commands', async () => {
      const before = sshd.logins;
      const transport = reach();
      await killConnection(transport);
      expect((await transport.run(['echo', 'again'])).stdout.toString()).toBe('again\n');
      expect(sshd.logins).toBe(before + 2);
    });

    test('that is lost while a command runs is an error, and the command is ended', async () => {
      const observer = reach();
      const transport = reach();
      const sleep = new UniqueSleep(observer);
      const running = transport.run(sleep.argv('"$@"; "$@"'));
      running.catch(() => {});
      await sleep.seen(1);
      await killConnection(transport);
      await expect(running).rejects.toThrow(
        `Cannot reach "${sshd.address}": the connection was lost while a command ran`,
      );
      await sleep.seen(0);
    });

    test('leaves nothing behind, here or there, when our process is killed', async () => {
      const observer = reach();
      const sleep = new UniqueSleep(observer);
      const order = { address: sshd.address, sshOptions: sshd.options, argv: sleep.argv('"$@"; "$@"') };
      const client = spawn(
        process.execPath,
        ['--import', 'tsx', join(__dirname, 'crashing-client.ts'), JSON.stringify(order)],
        { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: sshd.temporary } },
      );
      await once(client.stdout, 'data');
      await sleep.seen(1);
      expect(await connections(observer)).toHaveLength(2);
      const sockets = () => readdirSync(sshd.temporary).filter((name) => name.startsWith('bulkhead-ssh-'));
      expect(sockets()).toHaveLength(1);
      client.kill('SIGKILL');
      await sleep.seen(0);
      while ((await connections(observer)).length > 1);
      while (sockets().length > 0);
    }, 20_000);

    test('that we lose without notice is noticed by the next command', async () => {
      const transport = reach();
      const [pid] = await connections(transport);
      process.kill(Number(pid), 'SIGKILL');
      expect((await transport.run(['echo', 'again'])).stdout.toString()).toBe('again\n');
    });

    test('is not disturbed by a login shell that talks', async () => {
      writeFileSync(join(sshd.home, '.bashrc'), 'echo welcome; echo warning >&2\n');
      const transport = reach();
      const talk = await transport.run(['sh', '-c', 'echo out; echo err >&2']);
      writeFileSync(join(sshd.home, '.bashrc'), '');
      expect(talk).toEqual({ exitCode: 0, stdout: Buffer.from('out\n'), stderr: 'err\n' });
    });
  });

  describe('a server with MaxSessions', () => {
    afterAll(() => restart({}));

    test.each([2, 4])('%i gets no more commands at once', async (MaxSessions) => {
      await restart({ MaxSessions });
      const transport = reach();
      const results = await Promise.all(Array.from({ length: 20 }, (_, index) => transport.run(['echo', `${index}`])));
      expect(results.map(({ stdout }) => stdout.toString().trim())).toEqual(results.map((_, index) => `${index}`));
      expect(sshd.logins).toBe(1);
    });

    test('2 can hold or run, and says so', async () => {
      await restart({ MaxSessions: 2 });
      const transport = reach();
      // The first command needs no session beside the one that keeps the connection.
      await transport.hold(['sh', '-c', 'echo; cat']);
      const held = await transport.hold(['sh', '-c', 'echo; cat']);
      await expectError(transport, {
        message: `Cannot run "true" on ${sshd.address}: the SSH server refuses another session`,
        advice: 'Allow more in sshd_config(5) on the host: MaxSessions 10',
      });
      await held.release();
      expect((await transport.run(['true'])).exitCode).toBe(0);
    });
  });

  describe('an abort', () => {
    test('takes a command out of the queue', async () => {
      const transport = reach();
      const holds = await Promise.all(Array.from({ length: 8 }, () => transport.hold(['sh', '-c', 'echo; cat'])));
      const controller = new AbortController();
      const queued = transport.run(['true'], { signal: controller.signal });
      const next = transport.run(['echo', 'next']);
      controller.abort(new Error('no longer needed'));
      await expect(queued).rejects.toThrow('no longer needed');
      await holds[0]?.release();
      expect((await next).stdout.toString()).toBe('next\n');
    });

    test('ends the wait for a host that does not answer', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const transport = reach(`ssh://127.0.0.1:${portOf(silent)}`);
      const controller = new AbortController();
      const running = transport.run(['true'], { signal: controller.signal });
      silent.once('connection', (socket) => {
        controller.abort(new Error('too slow'));
        silent.once('close', () => socket.destroy());
      });
      await expect(running).rejects.toThrow('too slow');
      await transport.close();
      silent.close();
    });
  });

  describe('a host that can not be reached', () => {
    const cannot = (what: string, address = sshd.address) => `Cannot reach "${address}": ${what}`;
    const byHand = (options = sshd.options) =>
      `ssh ${options.map((option) => `-o ${option} `).join('')}-p ${sshd.port} ${sshd.address.slice(6).split(':')[0]}`;
    afterEach(() => sshd.trust(sshd.port, 'host'));

    test('because its name does not resolve', async () => {
      await expectError(reach('ssh://no-such-host.invalid'), {
        message: cannot('the name "no-such-host.invalid" does not resolve', 'ssh://no-such-host.invalid'),
        advice: 'Correct the name, or give it a HostName in ~/.ssh/config',
      });
    });

    test('because nothing listens', async () => {
      const port = await freePort();
      await expectError(reach(`ssh://127.0.0.1:${port}`), {
        message: cannot(`nothing accepts connections on port ${port}`, `ssh://127.0.0.1:${port}`),
        advice: 'Start the SSH server there (systemctl start ssh), or correct the port',
      });
    });

    test('because it does not answer', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const address = `ssh://127.0.0.1:${portOf(silent)}`;
      await expectError(reach(address, ['ConnectTimeout=1']), {
        message: cannot('it does not answer', address),
        advice: 'Check that the host is up, and that no firewall or missing VPN blocks the way',
      });
      silent.close();
    });

    test('because its host key is unknown', async () => {
      sshd.forgetHosts();
      await expectError(reach(), {
        message: cannot('its host key is unknown'),
        advice: `Connect once by hand and compare the fingerprint: ${byHand()}`,
      });
    });

    test('because its host key has changed', async () => {
      sshd.trust(sshd.port, 'stranger');
      await expectError(reach(), {
        message: cannot('its host key has changed: it was installed anew, or somebody intercepts the connection'),
        advice: `Find out which; if it was installed anew: ssh-keygen -R '[127.0.0.1]:${sshd.port}'`,
      });
    });

    test('because it does not know our key', async () => {
      const options = sshd.optionsWith('stranger');
      await expectError(reach(sshd.address, options), {
        message: expect.stringMatching(/^Cannot reach ".*": it refuses the login \(it accepts publickey[^)]*\)$/),
        advice: `Make this work without a password, by ssh-add or an IdentityFile in ~/.ssh/config: ${byHand(options)}`,
      });
    });

    test('because it closes the connection', async () => {
      const rude = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
      await once(rude, 'listening');
      await expectError(reach(`ssh://127.0.0.1:${portOf(rude)}`, []), {
        message: cannot('it closed the connection during the login', `ssh://127.0.0.1:${portOf(rude)}`),
        advice: `See why on the host (journalctl -u ssh), or by hand: ssh -v -p ${portOf(rude)} 127.0.0.1`,
      });
      rude.close();
    });

    test('because the ssh client refuses an option', async () => {
      await expectError(reach(sshd.address, ['NoSuchOption=yes']), {
        message: expect.stringMatching(/: the ssh client refuses its configuration: .*option: nosuchoption$/),
        advice: 'Correct it; "command-line" means sshOptions, each "Key=value" as in ssh_config(5)',
      });
    });

    test('rejects all that wait for it at once, and is tried again by the next command', async () => {
      sshd.trust(sshd.port, 'stranger');
      const transport = reach();
      const results = await Promise.allSettled(Array.from({ length: 30 }, () => transport.run(['true'])));
      expect(new Set(results.map((result) => result.status === 'rejected' && result.reason)).size).toBe(1);
      sshd.trust(sshd.port, 'host');
      expect((await transport.run(['true'])).exitCode).toBe(0);
    });
  });
});

async function expectError(transport: Transport, expected: { message: unknown; advice: string }): Promise<void> {
  const error = await transport.run(['true']).catch((reason) => reason);
  expect(error).toBeInstanceOf(TransportError);
  expect({ message: error.message, advice: error.advice }).toEqual(expected);
}

/** Ends the server's process of this connection, the first of its name above what wraps a command. */
async function killConnection(transport: Transport): Promise<void> {
  const script = `
    pid=$PPID
    until ps -o comm= -p $pid | grep -q '^sshd'; do pid=$(ps -o ppid= -p $pid); done
    kill -s KILL $pid`;
  await transport.run(['sh', '-euc', script]).catch(() => {});
}

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
