import { ConfigFile, type Host, SystemdService } from 'bulkhead';
import { apply } from '../../lib/engine';
import { EitherStack, RENDERINGS } from './either';
import { host, inventory, lab } from './host';
import { describeTerraformOnHost } from './stack';
import { Deployment } from './synth';

jest.setTimeout(300_000);

const CONFIG = '/etc/rw-config';

/** Two services that read one file, of which one ends with the exit code that it says. */
const app = (code: number, rollback?: boolean) => (host: Host) => {
  const config = new ConfigFile(host, 'rw-config', { path: CONFIG, content: `${code}\n` });
  const volumes = [{ source: config, target: CONFIG }];
  const props = { volumes, restart: 'no', ...(rollback === undefined ? {} : { rollback }) } as const;
  const check = `read code < ${CONFIG}; [ "$code" -lt 5 ] || { echo "code $code is bad" >&2; exit "$code"; }`;
  new SystemdService(host, 'rw-web', { ...props, command: ['/bin/sh', '-c', `${check}; exec sleep infinity`] });
  new SystemdService(host, 'rw-api', {
    ...props,
    command: ['/bin/sh', '-c', `read code < ${CONFIG}; exec sleep infinity`],
    health: { command: ['/bin/true'] },
  });
};

const look = () => lab.sh(`cat ${CONFIG}; systemctl is-active rw-web rw-api || true`);

describeTerraformOnHost('a change that fails for a file', () => {
  let before: string;
  let stack: EitherStack;
  beforeAll(async () => (before = await inventory()));
  afterEach(async () => {
    await stack.destroy();
    expect(await inventory()).toBe(before);
  });

  test.each(RENDERINGS)('is undone by %s with that file, and with what else reads it', async (rendering) => {
    stack = new EitherStack('rollback-with', rendering);
    expect(await stack.deploy(app(0))).toMatchObject({ exitCode: 0 });
    const { exitCode, output } = await stack.deploy(app(5));
    expect(exitCode).not.toBe(0);
    expect(output).toContain('it ended with exit code 5, expected it to stay up: code 5 is bad');
    expect(output).toContain('rw-web runs its previous version again');
    if (rendering === 'bulkhead apply') expect(output).toContain('rw-config has its previous version again');
    expect(await look()).toBe('0\nactive\nactive\n');
    expect(await stack.differences()).toContain(CONFIG);
    expect(await stack.deploy(app(0))).toMatchObject({ exitCode: 0 });
    expect(await stack.differences()).toBe('');
  });

  test.each(RENDERINGS)(
    'is undone by %s also if a deploy that was cut off has written that file',
    async (rendering) => {
      stack = new EitherStack('rollback-with', rendering);
      expect(await stack.deploy(app(0))).toMatchObject({ exitCode: 0 });
      const cutOff = new Deployment('rollback-with', app(5));
      const manifests = cutOff.manifests.filter(({ name }) => name === 'rw-config');
      await apply(host(), { manifests, remove: [] }, { asset: cutOff.asset });
      cutOff.cleanUp();
      const { exitCode, output } = await stack.deploy(app(5));
      expect(exitCode).not.toBe(0);
      expect(output).toContain('rw-web runs its previous version again');
      expect(await look()).toBe('0\nactive\nactive\n');
      expect(await stack.deploy(app(0))).toMatchObject({ exitCode: 0 });
      expect(await stack.differences()).toBe('');
    },
  );

  test.each(RENDERINGS)('is undone by %s if the previous version needs another program', async (rendering) => {
    stack = new EitherStack('rollback-with', rendering);
    const run = (command: readonly [string, ...string[]], user: string) => (host: Host) => {
      new SystemdService(host, 'rw-web', { command, user, restart: 'no' });
    };
    expect(await stack.deploy(run(['/usr/bin/sleep', 'infinity'], 'daemon'))).toMatchObject({ exitCode: 0 });
    const { exitCode, output } = await stack.deploy(run(['/usr/bin/false'], 'nobody'));
    expect(exitCode).not.toBe(0);
    expect(output).toContain('rw-web runs its previous version again');
    expect(await lab.sh('systemctl is-active rw-web')).toBe('active\n');
  });

  test('that succeeded is undone by hand with that file, and with what else reads it', async () => {
    stack = new EitherStack('rollback-with', 'bulkhead apply');
    expect(await stack.deploy(app(0))).toMatchObject({ exitCode: 0 });
    expect(await stack.deploy(app(1))).toMatchObject({ exitCode: 0 });
    const { exitCode, output } = await stack.command('rollback', 'rw-web', '--auto-approve');
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringContaining('Rolled back 3 services') });
    expect(await look()).toBe('0\nactive\nactive\n');
    expect(await stack.differences()).toContain(CONFIG);
  });

  test.each(RENDERINGS)('stays as it is after %s with rollback: false', async (rendering) => {
    stack = new EitherStack('rollback-with', rendering);
    expect(await stack.deploy(app(0, false))).toMatchObject({ exitCode: 0 });
    const { exitCode, output } = await stack.deploy(app(5, false));
    expect(exitCode).not.toBe(0);
    expect(output).not.toContain('previous version');
    expect(await look()).toBe('5\nfailed\nactive\n');
    expect(await stack.deploy(app(0, false))).toMatchObject({ exitCode: 0 });
    expect(await look()).toBe('0\nactive\nactive\n');
  });
});
