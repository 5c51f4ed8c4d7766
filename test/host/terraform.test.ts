import { setTimeout as sleep } from 'node:timers/promises';
import { SystemdService, type SystemdServiceProps } from 'bulkhead';
import type { TerraformResource } from 'cdktf';
import { bulkhead } from '../cli/command';
import { ADDRESS, inventory, lab } from './host';
import { Project } from './project';
import { type Build, describeTerraformOnHost, practiceHost, Stack } from './stack';
import { PAGE, PORTS, three } from './three';

const NAMES = Object.keys(PORTS);

const sleeper = (props: Partial<SystemdServiceProps> = {}): SystemdServiceProps => ({
  command: ['/usr/bin/sleep', 'infinity'],
  ...props,
});

/** What answers at each port of the practice host, as seen from here. */
async function answers(): Promise<string[]> {
  const { info } = await practiceHost.status();
  return Promise.all(Object.values(PORTS).map((port) => fetchPatiently(`http://${info?.address}:${port}/`)));
}

/** A program that was just started may need a moment until it listens. */
async function fetchPatiently(url: string): Promise<string> {
  for (const deadline = Date.now() + 10_000; ; await sleep(50)) {
    try {
      return (await (await fetch(url, { signal: AbortSignal.timeout(2000) })).text()).trim();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`Cannot fetch ${url}: ${(error as Error).cause ?? error}`);
    }
  }
}

const ALL_ANSWER = NAMES.map(() => PAGE);

/** What tells each start of a service from the ones before. */
async function invocations(names: readonly string[] = NAMES): Promise<string[]> {
  return (await lab.sh('for unit; do systemctl show -P InvocationID "$unit"; done', ...names)).trim().split('\n');
}

const property = async (unit: string, name: string) => (await lab.sh('systemctl show -P "$2" "$1"', unit, name)).trim();

/** Waits for a unit to be in a state, at most twenty seconds. */
async function untilState(unit: string, state: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; (await property(unit, 'ActiveState')) !== state; await sleep(20))
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${unit} is ${state}`);
}

/** A service that takes its time to start, so that it can be caught at it. */
const slow: Partial<SystemdServiceProps> = { directives: { Service: { ExecStartPre: ['/usr/bin/sleep', '2'] } } };

describeTerraformOnHost('a stack of three runtimes', () => {
  let stack: Stack;
  let before: string;
  beforeAll(async () => {
    before = await inventory();
    stack = new Stack('t-three');
    await stack.apply(three());
  });
  afterAll(async () => {
    await stack.destroy();
    stack.cleanUp();
  });

  test('is deployed by init and apply, answers over HTTP, and a second plan is empty', async () => {
    expect(await answers()).toEqual(ALL_ANSWER);
    expect(await stack.plan()).toBe('');
  });

  test('is back after a reboot of the host, with nothing to do', async () => {
    await practiceHost.restart();
    expect(await stack.plan()).toBe('');
    expect(await answers()).toEqual(ALL_ANSWER);
    expect(await stack.plan()).toBe('');
  });

  test('shows in its plan what was changed behind its back, and an apply repairs it', async () => {
    await lab.sh(`
      sed -i s/:80$/:81/ /etc/containers/systemd/t-web.container
      chmod 600 /etc/systemd/nspawn/t-db.nspawn
      systemctl disable --quiet t-db
      systemctl stop t-api`);
    const plan = await stack.plan();
    expect(plan).toContain('Plan: 0 to add, 3 to change, 0 to destroy.');
    expect(plan).toMatch(/- PublishPort=8181:81\n.*\+ PublishPort=8181:80\n/);
    expect(plan).toMatch(/~ mode += "0600" -> "0644"/);
    expect(plan).toMatch(/~ enabled += false -> true/);
    expect(plan).toMatch(/~ state += "inactive" -> "active"/);
    expect(plan).toContain('- "t-api.service is inactive"');
    expect(plan).toContain('+ "start t-api.service: is inactive"');
    expect(plan).toContain(
      '+ "restart t-web.service: /etc/containers/systemd/t-web.container differs in Container.PublishPort"',
    );
    await stack.apply(three());
    expect(await stack.plan()).toBe('');
    expect(await answers()).toEqual(ALL_ANSWER);
  });

  test('is updated in place where it changed, and nothing else is restarted', async () => {
    const [web, ...others] = await invocations();
    await stack.prepare(three({ color: 'green' }));
    expect(await stack.plan()).toMatch(
      /~ impact += \[\n +\+ "restart t-web.service: \S+\/t-web.container differs in Container.Environment",\n +\]/,
    );
    const output = await stack.apply(three({ color: 'green' }));
    expect(output).toContain('Resources: 0 added, 1 changed, 0 destroyed.');
    expect(await lab.sh('podman exec t-web env')).toContain('COLOR=green\n');
    const [changed, ...same] = await invocations();
    expect(changed).not.toBe(web);
    expect(same).toEqual(others);
  });

  test('replaces what is renamed, and destroys what it no longer has', async () => {
    await stack.apply(three({ page: 't-other' }));
    expect(await lab.sh('ls -d /etc/t-*')).toBe('/etc/t-other\n');
    const output = await stack.apply((host) => {
      new SystemdService(host, 't-api', sleeper({ name: 't-renamed' }));
    });
    expect(output).toMatch(/~ name += "t-api" -> "t-renamed" # forces replacement/);
    expect(output).toContain('Resources: 1 added, 0 changed, 5 destroyed.');
    expect(output).toMatch(/Warning: Destroying t-db loses data on \S+ \(at t-three\/host\/t-db\)/);
    // Terraform breaks lines where they get long.
    expect(output.replaceAll(/\s+/g, ' ')).toContain(
      'machine-root:/var/lib/machines/t-db is removed with all that was written into it',
    );
    expect(await lab.sh('find /etc -name "t-*" ! -path "*.wants*"')).toBe('/etc/systemd/system/t-renamed.service\n');
    expect(await property('t-renamed', 'ActiveState')).toBe('active');
  });

  test('is destroyed, and leaves the host as it was', async () => {
    await stack.destroy();
    expect(await inventory()).toBe(before);
  });
});

describeTerraformOnHost('an apply', () => {
  let stack: Stack;
  beforeAll(() => {
    stack = new Stack('t-apply');
  });
  afterAll(async () => {
    await stack.destroy();
    stack.cleanUp();
  });

  test.each([1, 30])('converges with -parallelism=%d', async (parallelism) => {
    const names = Array.from({ length: 4 }, (_, index) => `t-${parallelism}-${index}`);
    const output = await stack.apply((host) => {
      for (const name of names) new SystemdService(host, name, sleeper());
    }, `-parallelism=${parallelism}`);
    expect(output).toContain('Resources: 4 added');
    expect(await stack.plan()).toBe('');
    expect(await lab.sh('systemctl is-active "$@" | sort | uniq -c', ...names)).toBe('      4 active\n');
  });

  test('of a service that exits at once says whose it is and what it logged, and applies the others', async () => {
    const command = ['/bin/sh', '-c', 'echo out of oranges; exit 3'];
    await stack.prepare((host) => {
      new SystemdService(host, 't-fine', sleeper());
      new SystemdService(host, 't-broken', sleeper({ command, restart: 'no' }));
    });
    const { exitCode, diagnostics } = await stack.terraform.apply();
    expect(exitCode).toBe(1);
    expect(diagnostics).toMatchObject([
      {
        severity: 'error',
        summary: expect.stringMatching(/^Cannot start t-broken\.service on .* \(at t-apply\/host\/t-broken\)$/),
        detail: expect.stringContaining('out of oranges'),
      },
    ]);
    expect(await property('t-fine', 'ActiveState')).toBe('active');

    const [fine] = await invocations(['t-fine']);
    await stack.apply((host) => {
      new SystemdService(host, 't-fine', sleeper());
      new SystemdService(host, 't-broken', sleeper());
    });
    expect(await stack.plan()).toBe('');
    expect(await property('t-broken', 'ActiveState')).toBe('active');
    expect(await invocations(['t-fine'])).toEqual([fine]);
  });

  test.each([
    ['terraform is killed', 'SIGKILL'],
    ['Ctrl-C is pressed', 'SIGINT'],
  ] as const)('in the middle of which %s converges when it is done again', async (_, signal) => {
    const name = `t-${signal.toLowerCase()}`;
    const build: Build = (host) => {
      new SystemdService(host, 't-first', sleeper());
      new SystemdService(host, name, sleeper(slow));
    };
    await stack.prepare(build);
    const { pid, ended } = stack.terraform.start(['apply', '-auto-approve']);
    await untilState(name, 'activating');
    process.kill(signal === 'SIGINT' ? -pid : pid, signal);
    const { exitCode, output } = await ended;
    expect(exitCode).toBe(signal === 'SIGINT' ? 1 : null);
    if (signal === 'SIGINT') expect(output).toContain('Terraform was told to stop.');

    await stack.apply(build);
    expect(await stack.plan()).toBe('');
    expect(await lab.sh('systemctl is-active t-first "$1"', name)).toBe('active\nactive\n');
  });

  test('of a moved block goes on with the service that is there', async () => {
    const at =
      (id: string, moved: readonly object[] = []): Build =>
      (host, stack) => {
        new SystemdService(host, id, sleeper({ name: 't-same' }));
        stack.addOverride('moved', moved);
      };
    await stack.apply(at('one'));
    const before = await invocations(['t-same']);
    const address = (id: string) => stack.addresses().find((name) => name.includes(id));
    const from = address('host_one');
    stack.synth(at('two'));
    const moved = [{ from, to: address('host_two') }];
    const output = await stack.apply(at('two', moved));
    expect(output).toContain('Resources: 0 added, 1 changed, 0 destroyed.');
    expect(await invocations(['t-same'])).toEqual(before);
    expect(await stack.plan()).toBe('');
  });

  test('of a service that was made without Terraform imports it, by command or by block, and it goes on running', async () => {
    const names = ['t-command', 't-block'];
    const at =
      (blocks: readonly object[] = []): Build =>
      (host, stack) => {
        for (const name of names) new SystemdService(host, name, sleeper());
        stack.addOverride('import', blocks);
      };
    await stack.prepare(at());
    const { code, stderr } = await bulkhead(['apply', '--auto-approve', '--bundle', stack.bundle]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const before = await invocations(names);
    const [command = '', block = ''] = names.map((name) => stack.addresses().find((address) => address.includes(name)));
    const id = (name: string) => `${ADDRESS}/${name}`;
    await stack.terraform.succeed(['import', command, id('t-command')]);
    stack.synth(at([{ to: block, id: id('t-block') }]));
    expect(await stack.plan()).toContain('Plan: 1 to import, 0 to add, 0 to change');
    await stack.apply(at([{ to: block, id: id('t-block') }]));
    expect(await stack.plan()).toBe('');
    expect(await invocations(names)).toEqual(before);
  });

  test('of a construct that got another id takes the service over, although the old one is destroyed last', async () => {
    const at =
      (id: string, color: string): Build =>
      (host) => {
        const same = new SystemdService(host, id, sleeper({ name: 't-same' }));
        (same.node.findChild('service') as TerraformResource).lifecycle = { createBeforeDestroy: true };
        new SystemdService(host, 't-keeper', sleeper({ environment: { COLOR: color }, dependsOn: [same] }));
      };
    await stack.apply(at('one', 'red'));
    const before = await invocations(['t-same']);
    const output = await stack.apply(at('two', 'green'));
    expect(output).toMatch(/host_two\S+: Creation complete.*host_one\S+: Destroying/s);
    expect(await invocations(['t-same'])).toEqual(before);
    expect(await stack.plan()).toBe('');
  });
});

describeTerraformOnHost('cdktf', () => {
  test('deploys the stack as it comes, finds nothing to do after, and destroys it', async () => {
    const project = new Project('three-app.ts', 't-cdktf');
    const before = await inventory();
    try {
      const deployed = await project.cdktf('deploy', '--auto-approve');
      expect(deployed.output).toContain('Resources: 5 added, 0 changed, 0 destroyed.');
      expect(deployed.exitCode).toBe(0);
      expect(await answers()).toEqual(ALL_ANSWER);
      const { exitCode, output } = await project.terraform.run(['plan', '-detailed-exitcode']);
      expect(output).toContain('No changes.');
      expect(exitCode).toBe(0);
    } finally {
      const destroyed = await project.cdktf('destroy', '--auto-approve');
      expect(destroyed.output).toContain('Resources: 5 destroyed.');
      project.cleanUp();
    }
    expect(await inventory()).toBe(before);
  });
});
