import { type Host, Image, Network, OciService, Secret, SystemdService } from 'bulkhead';
import { bulkhead } from '../cli/command';
import { ADDRESS, describeHost, inventory, lab } from './host';
import { type Build, describeTerraformOnHost, Stack } from './stack';
import { images } from './synth';

jest.setTimeout(240_000);

const sleepers =
  (...names: readonly string[]): Build =>
  (host: Host) => {
    for (const name of names) new SystemdService(host, name, { command: ['/usr/bin/sleep', 'infinity'] });
  };

/** Distinguishes each start of the services from the starts before. */
const invocations = (...names: readonly string[]) =>
  lab.sh('for unit; do systemctl show -P InvocationID "$unit"; done', ...names);

const command = ({ bundle }: Stack, ...args: readonly string[]) => bulkhead([...args, '--bundle', bundle]);
const move = (stack: Stack, ...args: readonly string[]) => command(stack, 'state', 'mv', ...args, '--auto-approve');
const planned = async (stack: Stack) => (await command(stack, 'plan', '--detailed-exitcode')).code;

const ADVICE = 'if it is the same service, run `bulkhead state mv mv-web --from mv-old`';

describe('a service that moves to another stack', () => {
  let before: string;
  let old: Stack;
  let next: Stack;
  const start = async () => {
    before = await inventory();
    old = new Stack('mv-old');
    next = new Stack('mv-next');
  };

  describeHost('with bulkhead apply', () => {
    beforeAll(start);
    afterAll(async () => {
      for (const stack of [old, next]) {
        await command(stack, 'destroy', '--auto-approve');
        stack.cleanUp();
      }
      expect(await inventory()).toBe(before);
    });

    test('goes on running, and the old stack neither wants it back nor removes it', async () => {
      old.synth(sleepers('mv-web', 'mv-db', 'mv-log'));
      expect(await command(old, 'apply', '--auto-approve')).toMatchObject({ code: 0 });
      const running = await invocations('mv-web', 'mv-db', 'mv-log');

      next.synth(sleepers('mv-web', 'mv-db'));
      const refused = await command(next, 'apply', '--auto-approve');
      expect(refused.stdout).toContain(`do: ${ADVICE}; otherwise give one of the two another \`name\``);
      expect(refused.code).toBe(1);

      expect(await move(next, 'mv-*', '--from', 'mv-old')).toEqual({
        stdout: [
          ADDRESS,
          '  mv-web  from stack mv-old (mv-old/host/mv-web)  to stack mv-next (mv-next/host/mv-web)',
          '  mv-db   from stack mv-old (mv-old/host/mv-db)   to stack mv-next (mv-next/host/mv-db)',
          '2 services to move. Nothing is stopped or rewritten.',
          'Moved 2 services. `bulkhead plan` shows what still differs.\n',
        ].join('\n'),
        stderr: '',
        code: 0,
      });
      expect(await planned(next)).toBe(0);
      expect((await command(old, 'plan')).stdout).toContain(
        'a service of that name belongs to stack "mv-next" (mv-next/host/mv-web)',
      );

      old.synth(sleepers('mv-log'));
      expect(await planned(old)).toBe(0);
      expect(await command(old, 'apply', '--auto-approve')).toMatchObject({ code: 0 });
      expect(await invocations('mv-web', 'mv-db', 'mv-log')).toBe(running);
      expect((await move(next, 'mv-*', '--from', 'mv-old')).stdout).toBe('Nothing to move.\n');
    });

    test('keeps the versions that it can go back to', async () => {
      next.synth((host) => {
        new SystemdService(host, 'mv-web', { command: ['/usr/bin/sleep', '1000000'] });
      });
      expect(await command(next, 'apply', '--auto-approve')).toMatchObject({ code: 0 });
      const third = new Stack('mv-third');
      try {
        third.synth((host) => {
          new SystemdService(host, 'mv-web', { command: ['/usr/bin/sleep', '1000000'] });
        });
        const moved = await move(third, 'mv-web', '--from', 'mv-next', '--json');
        expect(JSON.parse(moved.stdout)).toMatchObject({
          hosts: [
            {
              address: ADDRESS,
              services: [
                {
                  name: 'mv-web',
                  from: { stack: 'mv-next', path: 'mv-next/host/mv-web' },
                  to: { stack: 'mv-third', path: 'mv-third/host/mv-web' },
                  result: 'moved',
                },
              ],
            },
          ],
        });
        const { hosts } = JSON.parse((await command(third, 'history', '--json')).stdout);
        expect(hosts[0].services[0].versions).toMatchObject([{ number: 2, current: true }, { number: 1 }]);
      } finally {
        await command(third, 'destroy', '--auto-approve');
        third.cleanUp();
      }
    });

    test('keeps its generated secret and, if its name is given, its default network', async () => {
      const app =
        (network?: string): Build =>
        (host) => {
          if (network !== undefined) new Network(host, 'Network', { name: network });
          const password = new Secret(host, 'mv-password', { generate: {} });
          const image = Image.ociArchive(images().ociArchive);
          new OciService(host, 'mv-oci', { image, secrets: [password], command: ['/bin/sleep', 'infinity'] });
        };
      const secrets = () => lab.sh('cd /var/lib/bulkhead-secrets/generated && ls && cat *');
      old.synth(app());
      expect(await command(old, 'apply', '--auto-approve')).toMatchObject({ code: 0 });
      const running = await invocations('mv-oci');
      const [, value] = (await secrets()).split('\n');

      next.synth(app('mv-old-host'));
      const moved = await move(next, '*', '--from', 'mv-old');
      expect(moved.stdout).toContain('Moved 2 services.');
      expect(await command(next, 'apply', '--auto-approve')).toMatchObject({ code: 0 });
      expect(await planned(next)).toBe(0);
      expect(await invocations('mv-oci')).toBe(running);
      expect(await secrets()).toBe(`mv-password.mv-next\n${value}`);
      expect(await command(next, 'destroy', '--auto-approve')).toMatchObject({ code: 0 });
    });

    test('beside one that is not there moves only if a pattern has found the other', async () => {
      old.synth(sleepers('mv-log'));
      expect(await command(old, 'apply', '--auto-approve')).toMatchObject({ code: 0 });
      next.synth(sleepers('mv-log', 'mv-none'));
      const { stdout, stderr, code } = await move(next, 'mv-log', 'mv-none', '--from', 'mv-old');
      expect(stdout).toContain('Nothing has been touched.\n');
      expect(stderr).toMatch(/^Cannot move mv-none from stack "mv-old" on .*: it is not on the host /);
      expect(code).toBe(1);
      expect(await planned(old)).toBe(0);
      expect(await move(next, 'mv-*', '--from', 'mv-old')).toMatchObject({ stderr: '', code: 0 });
      old.synth(sleepers('mv-none'));
      expect((await command(old, 'plan')).stdout).not.toContain('mv-log');
    });
  });

  describeTerraformOnHost('with terraform apply', () => {
    beforeAll(start);
    afterAll(async () => {
      for (const stack of [next, old]) {
        await stack.destroy();
        stack.cleanUp();
      }
      expect(await inventory()).toBe(before);
    });

    test('goes on running, whether or not it was imported, and the old state lets it go', async () => {
      await old.apply(sleepers('mv-web', 'mv-db', 'mv-log'));
      const running = await invocations('mv-web', 'mv-db', 'mv-log');
      await next.prepare(sleepers('mv-web', 'mv-db'));
      const [web = ''] = next.addresses();
      await next.terraform.succeed(['import', web, `${ADDRESS}/mv-web`]);
      await expect(next.plan()).rejects.toThrow('bulkhead state mv mv-web --from');

      expect(await move(next, 'mv-web', 'mv-db', '--from', 'mv-old')).toMatchObject({ code: 0 });
      const output = await next.apply(sleepers('mv-web', 'mv-db'));
      expect(output).toContain('Resources: 2 added, 0 changed, 0 destroyed.');
      expect(await next.plan()).toBe('');

      await expect(old.plan()).rejects.toThrow('belongs to stack "mv-next"');
      old.synth(sleepers('mv-log'));
      expect(await old.plan()).toBe('');
      expect(await old.apply(sleepers('mv-log'), '-refresh=false')).toContain('2 destroyed.');
      expect(await old.plan()).toBe('');
      expect(await next.plan()).toBe('');
      expect(await invocations('mv-web', 'mv-db', 'mv-log')).toBe(running);
    });
  });
});
