import { Secret, SystemdService } from 'bulkhead';
import { EitherStack } from './either';
import { describeHost, inventory, lab } from './host';
import type { Build } from './stack';

jest.setTimeout(300_000);

const build =
  (color: string, hasSecret: boolean): Build =>
  (host) => {
    const secrets = hasSecret ? [new Secret(host, 'token', { environmentVariable: 'RS_TOKEN' })] : [];
    new SystemdService(host, 'rs-web', { command: ['sleep', '1000'], environment: { COLOR: color }, secrets });
  };

const runs = () => lab.sh('systemctl show -P InvocationID rs-web; grep COLOR /etc/systemd/system/rs-web.service');

describeHost('a rollback of a service with a secret that is given', () => {
  let stack: EitherStack;
  let before: string;
  beforeEach(async () => {
    before = await inventory();
    stack = new EitherStack('rollback-secret', 'bulkhead apply');
  });
  afterEach(async () => {
    delete process.env.RS_TOKEN;
    await stack.destroy();
    expect(await inventory()).toBe(before);
  });

  const deploy = async (value: string, ...version: Parameters<typeof build>) => {
    process.env.RS_TOKEN = value;
    expect(await stack.deploy(build(...version))).toMatchObject({ exitCode: 0 });
  };

  test('keeps the value that it has now', async () => {
    await deploy('old', 'red', true);
    await deploy('new', 'green', true);
    expect(await stack.command('rollback', 'rs-web', '--auto-approve')).toMatchObject({ exitCode: 0 });
    expect(await runs()).toContain('COLOR=red');
    expect(await lab.sh('cat /run/credentials/rs-web.service/token')).toBe('new');
  });

  test('is refused before anything is touched if the host no longer has the secret', async () => {
    await deploy('old', 'red', true);
    await deploy('old', 'green', false);
    const running = await runs();
    const { exitCode, output } = await stack.command('rollback', 'rs-web', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(output).toContain('Cannot write secret rs-web/token');
    expect(output).toContain('it is missing, and going back reads no values of secrets');
    expect(await runs()).toBe(running);
    expect(await stack.differences()).toBe('');
  });
});
