import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeWithSshd } from './sshd';
import { UserConfig } from './user-config';

describeWithSshd('an ssh_config(5)', () => {
  let user: UserConfig;
  beforeAll(async () => {
    user = await UserConfig.create();
  });
  afterEach(() => user.close());
  afterAll(() => user.remove());

  test.each<[string, () => readonly string[]]>([
    ['a shared connection', () => ['ControlMaster auto', `ControlPath ${user.directory}/%C`, 'ControlPersist yes']],
    ['a question before sharing', () => ['ControlMaster ask', `ControlPath ${user.directory}/%C`]],
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
        `LocalForward ${user.jump.port} 127.0.0.1:1`,
        `DynamicForward ${user.jump.port}`,
        `RemoteForward ${user.jump.port} 127.0.0.1:1`,
        'ExitOnForwardFailure yes',
      ],
    ],
    ['a network device', () => ['Tunnel point-to-point', 'ExitOnForwardFailure yes']],
    ['an agent and a display', () => ['ForwardAgent yes', 'ForwardX11 yes', 'ForwardX11Trusted yes']],
    ['much talk', () => ['LogLevel DEBUG3', 'VisualHostKey yes']],
    ['questions', () => ['BatchMode no', 'StrictHostKeyChecking ask', 'UpdateHostKeys ask', 'AddKeysToAgent ask']],
    ['settings of other clients', () => ['IgnoreUnknown UseKeychain', 'UseKeychain yes']],
    ['an environment', () => ['SetEnv LANG=C', 'SendEnv *', 'Compression yes', 'EscapeChar ~']],
    ['another configuration included', () => ['CanonicalizeHostname always', `Include ${user.directory}/none/*`]],
  ])('that asks for %s does not disturb', async (_, settings) => {
    await user.works(user.reach(settings()));
  });

  test('that has a local command does not run it', async () => {
    const file = join(user.directory, 'touched');
    await user.works(user.reach(['PermitLocalCommand yes', `LocalCommand touch ${file}`]));
    expect(existsSync(file)).toBe(false);
  });

  test("that shares connections keeps its own: ours is not at the user's socket, and his is not used", async () => {
    const socket = join(user.directory, 'own');
    await user.works(user.reach(['ControlMaster auto', `ControlPath ${socket}`]));
    expect(existsSync(socket)).toBe(false);
  });
});
