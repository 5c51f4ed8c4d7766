import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigFile, Host, Image, NspawnMachine, PodmanService, SystemdService, Workload } from 'bulkhead';
import { App, Aspects, DataResource, TerraformOutput, TerraformStack, Token } from 'cdktf';
import { bulkhead } from '../cli/command';
import { Workspace } from '../terraform/terraform';
import { ADDRESS, describeHost, inventory, lab } from './host';
import { running } from './running';
import { type Build, describeTerraformOnHost, Stack } from './stack';
import { images } from './synth';

const SLEEP = ['/usr/bin/sleep', 'infinity'];
const invocation = (unit: string) => lab.sh('systemctl show -P InvocationID "$1"', unit);

describeTerraformOnHost('values of other resources', () => {
  let stack: Stack;
  beforeAll(() => {
    stack = new Stack('c-values');
  });
  afterAll(async () => {
    await stack.destroy();
    stack.cleanUp();
  });

  /** A service whose environment, port, volume and file come from resources of Terraform's own. */
  const build =
    (values: { readonly port: number; readonly text: string; readonly path?: string }): Build =>
    (host, scope) => {
      const output = (id: string, input: string) =>
        Token.asString(new DataResource(scope, id, { input: input as never }).output);
      const port = Token.asNumber(output('port', String(values.port)));
      const text = output('text', values.text);
      const path = output('path', values.path ?? '/srv');
      const file = new ConfigFile(host, 'c-file', { path: '/etc/c-file', content: `text = ${text}\n` });
      new PodmanService(host, 'c-web', {
        image: Image.ociArchive(images().ociArchive),
        ports: [{ host: port, container: 80 }],
      });
      new SystemdService(host, 'c-api', {
        command: SLEEP,
        environment: { TEXT: text },
        volumes: [
          { source: path, target: '/mnt' },
          { source: file, target: '/etc/hostname' },
        ],
        tasks: port,
      });
      new SystemdService(host, 'c-other', { command: SLEEP });
      for (const [id, value] of Object.entries({ port, text })) new TerraformOutput(scope, `${id}-used`, { value });
    };

  test('arrive in ports, volumes, files and environments, and a second plan is empty', async () => {
    await stack.apply(build({ port: 8191, text: 'a "b"' }));
    expect(await stack.plan()).toBe('');
    expect(await lab.sh('busybox wget -q -O - http://127.0.0.1:8191/; cat /etc/c-file')).toBe(
      '<h1>It works</h1>\ntext = a "b"\n',
    );
    const { environment, mounts } = await running('systemd', 'c-api');
    expect(environment.TEXT).toBe('a "b"');
    expect(mounts.get('/mnt')).toMatch(/\/srv$/); // In the file system that holds it.
    expect(await lab.sh('systemctl show -P TasksMax c-api')).toBe('8191\n');
  });

  test('restart those who use them when they change', async () => {
    const before = await Promise.all(['c-api', 'c-web', 'c-other'].map(invocation));
    await stack.apply(build({ port: 8191, text: 'c' }));
    const after = await Promise.all(['c-api', 'c-web', 'c-other'].map(invocation));
    expect(after.map((id, index) => id === before[index])).toEqual([false, true, true]);
    expect(await lab.sh('cat /etc/c-file')).toBe('text = c\n');
    expect(await stack.plan()).toBe('');
  });

  test('that are no absolute path are an error before anything is touched', async () => {
    const before = await invocation('c-api');
    await stack.prepare(build({ port: 8191, text: 'c', path: 'srv' }));
    const { exitCode, output } = await stack.terraform.run(['apply', '-no-color', '-auto-approve']);
    expect(output).toMatch(/Error: Error in function call[\s\S]*in resource\.bulkhead_service\.host_c-api_/);
    expect(exitCode).toBe(1);
    expect(await invocation('c-api')).toBe(before);
    await stack.apply(build({ port: 8191, text: 'c' }));
    expect(await invocation('c-api')).toBe(before);
  });

  test('are refused by the bundle, service by service', async () => {
    const { stderr, code } = await bulkhead(['plan', '--bundle', stack.bundle]);
    for (const [id, file] of [
      ['c-file', '/etc/c-file'],
      ['c-web', '/etc/containers/systemd/c-web.container'],
      ['c-api', '/etc/systemd/system/c-api.service'],
    ])
      expect(stderr).toContain(
        `  c-values/host/${id}: files["${file}"]["content"] has a value that only Terraform knows`,
      );
    expect(stderr).not.toContain('c-other');
    expect(code).toBe(1);
  });
});

/** Two stacks on one host, of which one uses what the other has. */
class Stacks {
  readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-stacks-'));
  readonly bundles = join(this.directory, 'cdktf.out', 'bundle');
  readonly terraform = (stack: string) => new Workspace(join(this.directory, 'cdktf.out', 'stacks', stack));

  /** Synthesizes in a directory of its own, where cdktf keeps the state. */
  synth(secret?: string): void {
    const before = process.cwd();
    process.chdir(this.directory);
    try {
      const app = new App();
      const [base, shop] = [new TerraformStack(app, 'c-base'), new TerraformStack(app, 'c-shop')];
      const onBase = new Host(base, 'host', { address: ADDRESS });
      const onShop = new Host(shop, 'host', { address: ADDRESS });
      const db = new NspawnMachine(onBase, 'c-db', {
        image: Image.tar(images().tar),
        command: ['/bin/sleep', '1000000'],
        stopTimeout: '1s',
      });
      const environment = {
        DATABASE: db.address,
        UNIT: db.unitName,
        ...(secret === undefined
          ? {}
          : { SECRET: Token.asString(new DataResource(base, 'secret', { input: secret as never }).output) }),
      };
      const api = new SystemdService(onShop, 'c-api', { command: SLEEP, environment, ports: [8192], dependsOn: [db] });
      new TerraformOutput(shop, 'unit', { value: api.unitName });
      new TerraformOutput(shop, 'port', { value: api.ports[0]?.host });
      new TerraformOutput(shop, 'database', { value: db.address });
      app.synth();
    } finally {
      process.chdir(before);
    }
  }

  /** Unit file of the service that uses the other stack's. */
  unit(): string {
    return readFileSync(join(this.bundles, 'c-shop/host/etc/systemd/system/c-api.service'), 'utf8');
  }

  cleanUp(): void {
    rmSync(this.directory, { recursive: true });
  }
}

describeHost('stacks that use what others have', () => {
  test('are applied in the order of their dependencies, and removed in reverse', async () => {
    const stacks = new Stacks();
    const before = await inventory();
    const run = (command: string, ...options: readonly string[]) =>
      bulkhead([command, ...options, '--bundle', stacks.bundles, '*']);
    try {
      stacks.synth();
      const address = /^Environment=DATABASE=(10\.(?:6[4-9]|7\d)\.\d+\.\d+)$/m.exec(stacks.unit())?.[1];
      expect(stacks.unit()).toMatch(/^After=.*\bc-db\.service$/m);
      expect(stacks.unit()).toContain('Environment=UNIT=c-db.service\n');
      expect(await run('apply', '--auto-approve')).toMatchObject({ stderr: '', code: 0 });
      expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
      expect(await lab.sh('machinectl show -P Service c-db')).toBe('systemd-nspawn\n');
      expect((await running('systemd', 'c-api')).environment.DATABASE).toBe(address);
      const started = 'systemctl show --timestamp=unix -P ActiveEnterTimestampMonotonic';
      const [db, api] = (await lab.sh(`${started} c-db; ${started} c-api`)).split('\n').map(Number);
      expect(db).toBeLessThan(api ?? 0);
    } finally {
      expect(await run('destroy', '--auto-approve')).toMatchObject({ stderr: '', code: 0 });
      stacks.cleanUp();
    }
    expect(await inventory()).toBe(before);
  });
});

describeTerraformOnHost('stacks that use what others have, with Terraform', () => {
  test('get it from their state, whatever it is', async () => {
    const stacks = new Stacks();
    const before = await inventory();
    const names = ['c-base', 'c-shop'];
    try {
      stacks.synth('red');
      for (const name of names) {
        await stacks.terraform(name).succeed(['init']);
        await stacks.terraform(name).succeed(['apply', '-auto-approve']);
      }
      expect((await running('systemd', 'c-api')).environment.SECRET).toBe('red');
      const outputs = JSON.parse((await stacks.terraform('c-shop').run(['output', '-json'])).output);
      expect(outputs.unit.value).toBe('c-api.service');
      expect(outputs.port.value).toBe('8192');
      expect(outputs.database.value).toMatch(/^10\.(?:6[4-9]|7\d)\./);

      const db = await invocation('c-db');
      stacks.synth('green');
      for (const name of names) await stacks.terraform(name).succeed(['apply', '-auto-approve']);
      expect((await running('systemd', 'c-api')).environment.SECRET).toBe('green');
      expect(await invocation('c-db')).toBe(db);
      for (const name of names)
        expect(await stacks.terraform(name).run(['plan', '-detailed-exitcode'])).toMatchObject({ exitCode: 0 });
    } finally {
      for (const name of [...names].reverse()) await stacks.terraform(name).succeed(['destroy', '-auto-approve']);
      stacks.cleanUp();
    }
    expect(await inventory()).toBe(before);
  });
});

describeTerraformOnHost('an aspect', () => {
  test('reaches all services of a stack, and what it adds runs', async () => {
    const stack = new Stack('c-aspect');
    const build =
      (site: string): Build =>
      (host, scope) => {
        new SystemdService(host, 'c-api', { command: SLEEP });
        new PodmanService(host, 'c-web', { image: Image.ociArchive(images().ociArchive) });
        new NspawnMachine(host, 'c-db', {
          image: Image.tar(images().tar),
          command: ['/bin/sleep', '1000000'],
          stopTimeout: '1s',
        });
        Aspects.of(scope).add({
          visit(node) {
            if (node instanceof Workload)
              node.addEnvironment({ SITE: site }).addDirectives({ Service: { OOMScoreAdjust: 100 } });
          },
        });
      };
    try {
      await stack.apply(build('fra'));
      expect(await stack.plan()).toBe('');
      expect(await bulkhead(['plan', '--detailed-exitcode', '--bundle', stack.bundle])).toMatchObject({ code: 0 });
      for (const [runtime, name] of [
        ['systemd', 'c-api'],
        ['podman', 'c-web'],
        ['nspawn', 'c-db'],
      ] as const)
        expect((await running(runtime, name)).environment.SITE).toBe('fra');
      expect(await lab.sh('systemctl show -P OOMScoreAdjust c-api c-web c-db')).toBe('100\n\n100\n\n100\n');
    } finally {
      await stack.destroy();
      stack.cleanUp();
    }
  });
});
