import { copyFileSync } from 'node:fs';
import { type Host, SystemdService, type SystemdServiceProps } from 'bulkhead';
import { Aspects, TerraformResource, type TerraformStack } from 'cdktf';
import { whileHeldAt } from './cut-off';
import { inventory, lab } from './host';
import { type Build, describeTerraformOnHost, Stack } from './stack';

jest.setTimeout(240_000);

const sleeper = (props: Partial<SystemdServiceProps> = {}): SystemdServiceProps => ({
  command: ['/usr/bin/sleep', 'infinity'],
  ...props,
});
const service =
  (props: Partial<SystemdServiceProps> = {}): Build =>
  (host) => {
    new SystemdService(host, 'tt-web', sleeper(props));
  };

describeTerraformOnHost('terraform', () => {
  let stack: Stack;
  let before: string;
  beforeAll(async () => {
    before = await inventory();
  });
  beforeEach(() => {
    stack = new Stack('tt-stack');
  });
  afterEach(async () => {
    await stack.destroy();
    stack.cleanUp();
    expect(await inventory()).toBe(before);
  });

  /** What Terraform's state has: `tt-web` or `tt-web tainted`. */
  const state = (): string[] => {
    const { resources } = JSON.parse(stack.terraform.read('terraform.tfstate'));
    return resources.flatMap(({ instances }: { instances: { attributes: { name: string }; status?: string }[] }) =>
      instances.map(({ attributes: { name }, status }) => [name, status].filter(Boolean).join(' ')),
    );
  };

  /** Runs terraform, and cuts its connection as soon as the host is asked to `systemctl WORD`. */
  const cutAt = (word: string, ...args: readonly string[]) =>
    whileHeldAt(word, async ({ reached, cutLink }) => {
      const { ended } = stack.terraform.start([...args, '-auto-approve', '-no-color']);
      await reached();
      await cutLink();
      const { exitCode, output } = await ended;
      expect(exitCode).toBe(1);
      expect(output).toContain('do: apply again');
    });

  /** Runs terraform, and presses Ctrl-C as soon as the host is asked to `systemctl WORD`. */
  const interruptAt = (word: string, ...args: readonly string[]) =>
    whileHeldAt(word, async ({ reached }) => {
      const { pid, ended } = stack.terraform.start([...args, '-auto-approve', '-no-color']);
      await reached();
      process.kill(-pid, 'SIGINT');
      expect((await ended).exitCode).toBe(1);
    });

  const failing = { command: ['/bin/false'], restart: 'no' } as const;

  test.each<[string, () => Promise<unknown>, string[]]>([
    ['a connection that is lost', () => cutAt('daemon-reload', 'apply'), ['tt-web tainted']],
    ['Ctrl-C', () => interruptAt('daemon-reload', 'apply'), ['tt-web tainted']],
    ['a command that fails', () => failAt('daemon-reload'), ['tt-web tainted']],
  ])('knows of a service that it began to create, after %s, and destroys it', async (_, apply, known) => {
    await stack.prepare(service());
    await apply();
    expect(state()).toEqual(known);
    expect(await lab.sh('ls /etc/systemd/system/tt-web.service')).not.toBe('');
  });

  /** Applies while a command of systemctl fails. */
  async function failAt(word: string): Promise<void> {
    await lab.sh(
      `printf '#!/bin/sh\\ncase " $* " in *" %s "*) exit 1 ;; esac\\nexec /usr/bin/systemctl "$@"\\n' "$1" > /usr/local/sbin/systemctl
      chmod 755 /usr/local/sbin/systemctl`,
      word,
    );
    try {
      expect((await stack.terraform.run(['apply', '-auto-approve'])).exitCode).toBe(1);
    } finally {
      await lab.sh('rm /usr/local/sbin/systemctl');
    }
  }

  test('knows of a service that did not start, and of none that could not be begun', async () => {
    await stack.prepare(service(failing));
    expect((await stack.terraform.run(['apply', '-auto-approve'])).exitCode).toBe(1);
    expect(state()).toEqual(['tt-web tainted']);
    await stack.destroy();

    await lab.sh('echo mine > /etc/systemd/system/tt-web.service');
    await stack.prepare(service());
    expect((await stack.terraform.run(['apply', '-auto-approve', '-refresh=false'])).exitCode).toBe(1);
    expect(state()).toEqual([]);
    await lab.sh('rm /etc/systemd/system/tt-web.service');
  });

  test.each<[string, (...args: [string, string]) => Promise<unknown>]>([
    ['a connection that is lost', cutAt],
    ['Ctrl-C', interruptAt],
  ])('says of what it began to update or to destroy what the host has, after %s', async (_, cut) => {
    await stack.apply(service());
    const green = service({ environment: { COLOR: 'green' } });
    await stack.prepare(green);
    await cut('daemon-reload', 'apply');
    expect(state()).toEqual(['tt-web']);
    expect(await stack.plan()).toContain('tt-web');
    await stack.apply(green);
    expect(await stack.plan()).toBe('');
    expect(await lab.sh('systemctl show -P Environment tt-web')).toBe('COLOR=green\n');

    await cut('stop', 'destroy');
    expect(state()).toEqual(['tt-web']);
  });

  const beforeDestroy =
    (props: Partial<SystemdServiceProps> = {}): Build =>
    (host: Host, of: TerraformStack) => {
      service(props)(host, of);
      Aspects.of(of).add({
        visit(node) {
          if (node instanceof TerraformResource) node.lifecycle = { createBeforeDestroy: true };
        },
      });
    };
  const isActive = () => lab.sh('systemctl is-active tt-web; ls /var/lib/bulkhead/services');

  test('that creates before it destroys leaves what it has created', async () => {
    await stack.prepare(beforeDestroy(failing));
    expect((await stack.terraform.run(['apply', '-auto-approve'])).exitCode).toBe(1);
    const output = await stack.apply(beforeDestroy());
    expect(output).toContain('Resources: 1 added, 0 changed, 1 destroyed.');
    expect(await isActive()).toBe('active\ntt-web\n');
    expect(await stack.plan()).toBe('');

    await stack.apply(beforeDestroy(), `-replace=${stack.addresses()[0]}`);
    expect(await isActive()).toBe('active\ntt-web\n');
    expect(await stack.plan()).toBe('');
  });

  test.each([true, false])(
    'that destroys later what it has replaced leaves the new one, with -refresh=%s',
    async (refresh) => {
      await stack.apply(beforeDestroy());
      const path = stack.terraform.path('terraform.tfstate');
      copyFileSync(path, `${path}.old`);
      await stack.apply(beforeDestroy(), `-replace=${stack.addresses()[0]}`);
      copyFileSync(path, `${path}.new`);
      copyFileSync(`${path}.old`, path);
      await stack.terraform.succeed(['destroy', '-auto-approve', `-refresh=${refresh}`]);
      expect(await isActive()).toBe('active\ntt-web\n');
      copyFileSync(`${path}.new`, path);
      expect(await stack.plan()).toBe('');
    },
  );
});
