import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Transport } from '../../lib/transport';
import { transportContract } from './contract';
import { describeWithSshd, freePort, Sshd } from './sshd';

describeWithSshd('an ssh_config(5)', () => {
  const labHome = process.env.BULKHEAD_LAB_HOME;
  let directory: string;
  let target: Sshd;
  let jump: Sshd;
  let transport: Transport | undefined;

  beforeAll(async () => {
    target = await Sshd.start();
    jump = await Sshd.start();
    // OpenSSH looks for the user's own in no other home; a practice host comes with one to be used instead.
    directory = mkdtempSync(join(tmpdir(), 'ssh-config-'));
    mkdirSync(join(directory, 'default'));
    process.env.BULKHEAD_LAB_HOME = directory;
  });
  afterEach(async () => {
    await transport?.close();
    transport = undefined;
  });
  afterAll(async () => {
    if (labHome === undefined) delete process.env.BULKHEAD_LAB_HOME;
    else process.env.BULKHEAD_LAB_HOME = labHome;
    rmSync(directory, { recursive: true });
    await Promise.all([target.stop(), jump.stop()]);
  });

  const config = () => join(directory, 'default', 'ssh_config');
  const section = (name: string, { port, directory }: Sshd, lines: readonly string[] = []) =>
    [
      `Host ${name}`,
      'HostName 127.0.0.1',
      `Port ${port}`,
      `IdentityFile ${join(directory, 'id')}`,
      `UserKnownHostsFile ${join(directory, 'known_hosts')}`,
      ...lines,
    ].join('\n  ');
  /** Connects to the target as it is told to by settings of its own and of all hosts. */
  const reach = (settings: readonly string[], all: readonly string[] = [], sshOptions: readonly string[] = []) => {
    const common = ['Host *', 'IdentitiesOnly yes', 'IdentityAgent none', 'GlobalKnownHostsFile none', ...all];
    const sections = [section('lab', target, settings), section('jump', jump), common.join('\n  ')];
    writeFileSync(config(), `${sections.join('\n')}\n`);
    transport = connect({ address: 'lab', sshOptions });
    return transport;
  };
  const works = async (reached: Transport) => {
    const logins = target.logins;
    const outputs = await Promise.all(
      Array.from({ length: 12 }, () =>
        reached.run(['sh', '-c', 'cat; echo err >&2'], { input: Buffer.from('\0\r\n') }),
      ),
    );
    for (const output of outputs)
      expect(output).toEqual({ exitCode: 0, stdout: Buffer.from('\0\r\n'), stderr: 'err\n' });
    expect(target.logins).toBe(logins + 1);
  };

  describe('with a jump host', () => {
    transportContract(
      'a jump host',
      () => {
        const made = reach(['ProxyJump jump']);
        transport = undefined;
        return made;
      },
      { longestArgument: 64 << 10 },
    );

    test.each<[string, readonly string[], () => readonly string[]]>([
      ['ProxyJump of the configuration', ['ProxyJump jump'], () => []],
      ['ProxyJump of sshOptions', [], () => ['ProxyJump=jump']],
      ['ProxyCommand of sshOptions', [], () => [`ProxyCommand=ssh -F ${config()} -W %h:%p jump`]],
    ])('%s is gone through, by one connection', async (_, settings, options) => {
      const logins = jump.logins;
      await works(reach(settings, [], options()));
      expect(jump.logins).toBe(logins + 1);
    });

    test('that the user keeps a connection to is reached through that one, which stays', async () => {
      const controlPath = join(directory, 'own-%n');
      const own = ['ControlMaster auto', `ControlPath ${controlPath}`, 'ControlPersist 60'];
      const logins = jump.logins;
      for (let i = 0; i < 2; i += 1) {
        await works(reach(['ProxyJump jump'], own));
        await transport?.close();
      }
      expect(jump.logins).toBe(logins + 1);
      expect(readdirSync(directory).filter((name) => name.startsWith('own-'))).toEqual(['own-jump']);
      expect(spawnSync('ssh', ['-F', config(), '-O', 'exit', 'jump']).status).toBe(0);
    });

    test('that does not let us in is told from the host behind it', async () => {
      await expect(
        reach(['ProxyJump stranger'], ['HostName 127.0.0.1', `Port ${jump.port}`]).run(['true']),
      ).rejects.toThrow('Cannot reach "lab" through its jump host: its host key is unknown');
    });

    test('that does not answer is given up after ConnectTimeout', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      const options = [`ProxyJump=127.0.0.1:${await portOf(silent)}`, 'ConnectTimeout=1'];
      await expect(reach([], [], options).run(['true'])).rejects.toThrow('Cannot reach "lab": it does not answer');
      silent.close();
    });

    test('that does not reach the host says why', async () => {
      const port = await freePort();
      await expect(reach(['ProxyJump jump'], [], [`Port=${port}`]).run(['true'])).rejects.toThrow(
        'Cannot reach "lab": its jump host does not reach it: Connection refused',
      );
    });
  });

  test.each<[string, () => readonly string[]]>([
    ['a shared connection', () => ['ControlMaster auto', `ControlPath ${directory}/%C`, 'ControlPersist yes']],
    ['a question before sharing', () => ['ControlMaster ask', `ControlPath ${directory}/%C`]],
    ['no sharing', () => ['ControlMaster no', 'ControlPath none']],
    ['a terminal', () => ['RequestTTY force']],
    ['a command', () => ['RemoteCommand tmux attach']],
    ['no session', () => ['SessionType none']],
    ['a subsystem', () => ['SessionType subsystem', 'RemoteCommand sftp']],
    ['no input', () => ['StdinNull yes']],
    ['a move to the background', () => ['ForkAfterAuthentication yes']],
    [
      'forwardings of ports that are taken',
      () => [
        `LocalForward ${jump.port} 127.0.0.1:1`,
        `DynamicForward ${jump.port}`,
        `RemoteForward ${jump.port} 127.0.0.1:1`,
        'ExitOnForwardFailure yes',
      ],
    ],
    ['a network device', () => ['Tunnel point-to-point', 'ExitOnForwardFailure yes']],
    ['an agent and a display', () => ['ForwardAgent yes', 'ForwardX11 yes', 'ForwardX11Trusted yes']],
    ['much talk', () => ['LogLevel DEBUG3', 'VisualHostKey yes']],
    ['questions', () => ['BatchMode no', 'StrictHostKeyChecking ask', 'UpdateHostKeys ask', 'AddKeysToAgent ask']],
    ['settings of other clients', () => ['IgnoreUnknown UseKeychain', 'UseKeychain yes']],
    ['an environment', () => ['SetEnv LANG=C', 'SendEnv *', 'Compression yes', 'EscapeChar ~']],
    ['another configuration included', () => ['CanonicalizeHostname always', `Include ${directory}/none/*`]],
  ])('that asks for %s does not disturb', async (_, settings) => {
    await works(reach(settings()));
  });

  test('that has a local command does not run it', async () => {
    const file = join(directory, 'touched');
    await works(reach(['PermitLocalCommand yes', `LocalCommand touch ${file}`]));
    expect(existsSync(file)).toBe(false);
  });

  test("that shares connections keeps its own: ours is not at the user's socket, and his is not used", async () => {
    const socket = join(directory, 'own');
    await works(reach(['ControlMaster auto', `ControlPath ${socket}`]));
    expect(existsSync(socket)).toBe(false);
  });
});

async function portOf(server: Server): Promise<number> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
