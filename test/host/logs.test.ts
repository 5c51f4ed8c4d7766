import { Image, PodmanService, SystemdService, User } from 'bulkhead';
import { bulkhead, start } from '../cli/command';
import { ADDRESS, describeHost } from './host';
import { Deployment, images } from './synth';

describeHost('bulkhead logs', () => {
  const deployment = new Deployment('logs-test', (host) => {
    const sh = (script: string) => ['/bin/sh', '-c', `${script}; exec sleep infinity`];
    new SystemdService(host, 'lg-plain', { command: sh('seq 300; printf "a\\033[2Jb\\n"') });
    new SystemdService(host, 'lg-other', { command: sh('echo from another') });
    new PodmanService(host, 'lg-rootless', {
      image: Image.ociArchive(images().ociArchive),
      rootless: new User(host, 'lg-user'),
      command: sh('echo from a user'),
      directives: { Container: { CgroupsMode: 'disabled' } },
      stopTimeout: '1s',
    });
  });
  const logs = (...args: string[]) => bulkhead(['logs', '--bundle', deployment.directory, ...args]);
  const messages = (text: string) => text.split('\n').map((line) => line.replace(/^\S+ \S+ \S+: /, ''));

  beforeAll(() => deployment.apply());
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
  });

  test('shows what a service has printed, as much as was asked for, and steers no terminal', async () => {
    const { stdout, code } = await logs('lg-plain', '--lines', 'all');
    expect(messages(stdout)).toEqual(expect.arrayContaining(['1', '300']));
    expect(stdout).toContain('Started lg-plain.service');
    expect(stdout).not.toContain('\x1b');
    expect(stdout).not.toContain('from another');
    expect(code).toBe(0);
    const newest = messages((await logs('logs-test/host/lg-plain', '-n', '5')).stdout);
    expect(newest).toHaveLength(5 + 1);
  });

  test('shows what a service of a user has printed', async () => {
    const { stdout, stderr, code } = await logs('lg-rootless');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(messages(stdout)).toContain('from a user');
  });

  test('prints an object per line for --json', async () => {
    const { stdout } = await logs('lg-other', '--json');
    const entries = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries).toContainEqual(
      expect.objectContaining({ MESSAGE: 'from another', _SYSTEMD_UNIT: 'lg-other.service' }),
    );
  });

  test('shows the services of a host without their program', async () => {
    const { stdout } = await bulkhead(['logs', '--host', ADDRESS, '-n', 'all', 'lg-*']);
    expect(messages(stdout)).toEqual(expect.arrayContaining(['from another', 'from a user']));
  });

  test('follows until it is interrupted, and leaves nothing that reads the journal', async () => {
    const { child, finished } = start([
      'logs',
      '--bundle',
      deployment.directory,
      '--follow',
      'lg-other',
      '--lines',
      '1000',
    ]);
    await new Promise<void>((resolve) => {
      let text = '';
      child.stdout?.on('data', (chunk) => {
        text += chunk;
        if (text.includes('from another')) resolve();
      });
    });
    child.kill('SIGINT');
    expect((await finished).code).toBe(130);
  });

  test('says which services there are', async () => {
    const { stderr, code } = await logs('lg-plian');
    expect(stderr).toContain('Cannot find service "lg-plian": expected one of lg-other, lg-plain, lg-rootless');
    expect(code).toBe(1);
    expect((await logs('--since', 'sometime')).stderr).toContain('Cannot read the journal on');
  });
});
