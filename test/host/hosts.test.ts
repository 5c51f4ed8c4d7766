import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Host, type HostProps, SystemdService } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';
import { Lab } from '../../lib/lab';
import { connect, type Transport } from '../../lib/transport';
import { bulkhead } from '../cli/command';
import { ADDRESS, describeHost, LAB_NAME, lab } from './host';

const outdirs: string[] = [];
afterAll(() => {
  for (const outdir of outdirs) rmSync(outdir, { recursive: true });
});

/** Synthesizes stacks of an app, and returns the directory of their bundles. */
function synthesize(...stacks: readonly [name: string, build: (stack: TerraformStack) => void][]): string {
  const outdir = mkdtempSync(join(tmpdir(), 'bulkhead-hosts-'));
  outdirs.push(outdir);
  const app = new App({ outdir });
  for (const [name, build] of stacks) build(new TerraformStack(app, name));
  app.synth();
  return join(outdir, 'bundle');
}

/** A service that takes 2 seconds to start. */
function sleeper(host: Host, id: string, duration = 'infinity'): void {
  new SystemdService(host, id, {
    command: ['/usr/bin/sleep', duration],
    directives: { Service: { ExecStartPre: [['/usr/bin/sleep', '2']] } },
  });
}

const plan = (bundles: string, stack = '*') => bulkhead(['plan', '--detailed-exitcode', '--bundle', bundles, stack]);
const apply = (bundles: string, stack = '*') => bulkhead(['apply', '--auto-approve', '--bundle', bundles, stack]);
const destroy = (bundles: string, stack = '*') => bulkhead(['destroy', '--auto-approve', '--bundle', bundles, stack]);

describeHost('several hosts in one stack', () => {
  const more = [`${LAB_NAME}-2`, `${LAB_NAME}-3`].map((name) => new Lab({ name }));
  const addresses = [ADDRESS, ...[2, 3].map((index) => `lab:${LAB_NAME}-${index}` as const)];
  const transports: Transport[] = [];
  let silent: Server;

  beforeAll(async () => {
    for (const each of more) await each.up();
    transports.push(...addresses.map((address) => connect({ address })));
    // As a host does that is cut off behind a firewall: it takes no part in the conversation.
    silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
  });
  afterAll(async () => {
    silent.close();
    await Promise.all(transports.map((transport) => transport.close()));
    for (const each of more) await each.down();
  });

  /** What a shell script prints on each host. */
  const onEach = (script: string) =>
    Promise.all(
      transports.map(async (transport) => (await transport.run(['sh', '-c', script])).stdout.toString().trim()),
    );
  const logins = async () => (await onEach('journalctl --unit=ssh --output=cat | grep -c "^Accepted"')).map(Number);
  const dead = (): HostProps => {
    const address = silent.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    return { address: `ssh://root@127.0.0.1:${port}`, sshOptions: ['ConnectTimeout=2'] };
  };
  const bundle = (other?: HostProps) =>
    synthesize([
      'many',
      (stack) => {
        for (const [index, address] of addresses.entries())
          sleeper(new Host(stack, `host${index}`, { address }), 'm-web');
        if (other) sleeper(new Host(stack, 'dead', other), 'm-web');
      },
    ]);

  afterEach(() => destroy(bundle()));

  test('each gets its services, all at once and over one connection each, and a second plan is empty', async () => {
    const path = bundle();
    const before = await logins();
    const applied = await apply(path);
    expect(applied).toMatchObject({ stderr: '', code: 0 });
    expect(applied.stdout).toMatch(/\nApplied 3 services in [\d.]+ s; a second plan is empty\.\n$/);
    expect(await logins()).toEqual(before.map((count) => count + 1));

    const times = await onEach(
      'systemctl show -P InactiveExitTimestampMonotonic m-web; systemctl show -P ActiveEnterTimestampMonotonic m-web',
    );
    const [begun, done] = [0, 1].map((line) => times.map((text) => Number(text.split('\n')[line])));
    expect(Math.max(...(begun ?? []))).toBeLessThan(Math.min(...(done ?? [])));

    expect((await plan(path)).code).toBe(0);
    expect((await destroy(path)).code).toBe(0);
    expect(await onEach('systemctl show -P LoadState m-web')).toEqual(['not-found', 'not-found', 'not-found']);
  });

  test('one that is dead is told within its timeout, by its construct path, and the others are planned', async () => {
    const path = bundle(dead());
    const start = performance.now();
    const { stdout, code } = await plan(path);
    expect(performance.now() - start).toBeLessThan(10_000);
    for (const address of addresses) {
      expect(stdout).toContain(`many on ${address} (`);
    }
    expect(stdout.match(/^ {2}\+ m-web {2}create {2}/gm)).toHaveLength(3);
    const { address } = dead();
    expect(stdout).toContain(`Cannot reach "${address}": it does not answer (at many/dead)`);
    expect(code).toBe(1);
  });

  test('the others are applied, shown and destroyed when one is dead, and it is an error', async () => {
    const path = bundle(dead());
    const refused = expect.stringContaining(`Cannot reach "${dead().address}": it does not answer (at many/dead)`);
    const applied = await apply(path);
    expect(applied.stdout).toMatch(/1 host could not be planned\.\n.*\nApplied 3 services in /s);
    expect(applied).toMatchObject({ stderr: refused, code: 1 });
    expect(await onEach('systemctl is-active m-web')).toEqual(['active', 'active', 'active']);
    expect((await plan(bundle())).code).toBe(0);

    const status = await bulkhead(['status', '--bundle', path]);
    expect(status.stdout.match(/^ {2}m-web +systemd +active /gm)).toHaveLength(3);
    expect(status).toMatchObject({ stdout: refused, code: 1 });
    const restarted = await bulkhead(['restart', 'm-web', '--bundle', path]);
    expect(restarted.stdout).toMatch(/\nRestarted 3 of 4 services in .*, 1 failed\.\n$/);
    expect(restarted.code).toBe(1);

    expect((await destroy(path)).code).toBe(1);
    expect(await onEach('systemctl show -P LoadState m-web')).toEqual(['not-found', 'not-found', 'not-found']);
  });

  test('a stack that depends on that of a dead one stays as it is', async () => {
    const path = synthesize([
      'many',
      (stack) => {
        const base = new TerraformStack(stack.node.root, 'base');
        sleeper(new Host(base, 'dead', dead()), 'm-base');
        sleeper(new Host(stack, 'host', { address: ADDRESS }), 'm-web');
        stack.addDependency(base);
      },
    ]);
    const { stdout, code } = await apply(path);
    expect(stdout).toContain(`Cannot change many on ${ADDRESS}: base on ${dead().address}, which comes first`);
    expect(stdout).toContain('Nothing has been touched.');
    expect(code).toBe(1);
    expect(await lab.sh('systemctl show -P LoadState m-web')).toBe('not-found\n');
  });

  test('a service is applied after what it depends on elsewhere, and stays as it is if that fails', async () => {
    const path = (command: readonly string[]) =>
      synthesize([
        'many',
        (stack) => {
          const [here, there] = addresses.map((address, index) => new Host(stack, `host${index}`, { address }));
          if (!here || !there) throw new Error('two hosts are needed');
          const job = new SystemdService(there, 'm-job', { command, oneshot: true });
          const web = new SystemdService(here, 'm-web', { command: ['/usr/bin/sleep', '100000'], dependsOn: [job] });
          new SystemdService(there, 'm-front', { command: ['/usr/bin/sleep', '100000'], dependsOn: [web] });
          sleeper(here, 'm-other');
        },
      ]);
    const units = () => onEach('systemctl show -P ActiveState m-job m-web m-front m-other | tr "\\n" " "');
    const failed = await apply(path(['/bin/false']));
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(
      `Cannot apply m-web on ${addresses[0]}: m-job on ${addresses[1]}, which it depends on, failed; m-web stays as it was`,
    );
    expect(failed.stderr).toContain(
      `Cannot apply m-front on ${addresses[1]}: m-job, which it depends on, failed; m-front stays as it was`,
    );
    expect((await units()).slice(0, 2)).toEqual([
      expect.stringMatching(/^inactive\s+inactive\s+inactive\s+active/),
      expect.stringMatching(/^failed\s+inactive\s+inactive/),
    ]);

    const good = path(['/usr/bin/sleep', '1']);
    expect(await apply(good)).toMatchObject({ stderr: '', code: 0 });
    expect((await plan(good)).code).toBe(0);
    const [web] = await onEach('systemctl show -P ActiveEnterTimestampMonotonic m-web');
    const [, front] = await onEach('systemctl show -P ActiveEnterTimestampMonotonic m-front');
    const [, job] = await onEach('journalctl --unit=m-job -n 1 -o export | sed -n "s/^__MONOTONIC_TIMESTAMP=//p"');
    const times = [job, web, front].map(Number);
    expect(times.every((time) => time > 0)).toBe(true);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
    expect((await destroy(good)).code).toBe(0);
  });

  test('a new server is waited for until it lets us in', async () => {
    const path = bundle();
    const [transport] = transports;
    // The connection of the test stays.
    await transport?.run(['systemctl', 'stop', 'ssh.socket', 'ssh.service']);
    const applying = bulkhead(['apply', '--auto-approve', '--wait-for-host', '60s', '--bundle', path, '*']);
    await sleep(4000);
    await transport?.run(['systemctl', 'start', 'ssh.service']);
    const { stderr, code } = await applying;
    expect(stderr).toMatch(/^ {2}waiting: Cannot reach "lab[^"]*": nothing accepts connections/);
    expect(code).toBe(0);
    expect((await plan(path)).code).toBe(0);
  });
});

describeHost('several stacks on one host', () => {
  const stack =
    (id: string, duration?: string) =>
    (scope: TerraformStack): void =>
      sleeper(new Host(scope, 'host', { address: ADDRESS }), id, duration);
  const invocation = (unit: string) => lab.sh('systemctl show -P InvocationID "$1"', unit);
  const logins = async () => Number(await lab.sh('journalctl --unit=ssh --output=cat | grep -c "^Accepted"'));

  afterEach(() => destroy(synthesize(['shop', stack('s-web')], ['blog', stack('s-log')])));

  test('are applied over one connection; one changed or destroyed leaves the other as it runs', async () => {
    const path = synthesize(['shop', stack('s-web')], ['blog', stack('s-log')]);
    const before = await logins();
    const applied = await apply(path);
    expect(applied).toMatchObject({ stderr: '', code: 0 });
    expect(applied.stdout).toMatch(/\nApplied 2 services in [\d.]+ s; a second plan is empty\.\n$/);
    expect(await logins()).toBe(before + 1);
    const blog = await invocation('s-log');
    expect(blog).not.toBe('\n');

    expect((await apply(synthesize(['shop', stack('s-web', '1000000')]))).code).toBe(0);
    expect((await plan(path, 'blog')).code).toBe(0);
    expect((await destroy(path, 'shop')).stdout).toContain('Destroyed 1 service in ');
    expect(await lab.sh('systemctl show -P LoadState s-web')).toBe('not-found\n');
    expect((await plan(path, 'blog')).code).toBe(0);
    expect(await invocation('s-log')).toBe(blog);
    expect((await destroy(path, 'blog')).code).toBe(0);
  });

  test('of one program are refused a common name at synthesis', () => {
    expect(() => synthesize(['shop', stack('s-web')], ['blog', stack('s-web')])).toThrow(
      /Cannot place "s-web": the name "s-web" is taken by shop\/host\/s-web, .*\(at blog\/host\/s-web\)/,
    );
  });

  test('keep their services running when their Host gets another construct id', async () => {
    const at = (id: string) =>
      synthesize(['shop', (stack) => sleeper(new Host(stack, id, { address: ADDRESS }), 's-web')]);
    expect((await apply(at('host'))).code).toBe(0);
    const running = await invocation('s-web');
    const other = at('box');
    expect((await apply(other)).code).toBe(0);
    expect(await invocation('s-web')).toBe(running);
    expect((await plan(other)).code).toBe(0);
    expect((await destroy(other)).code).toBe(0);
  });

  test('of several programs are told a common name before anything is touched', async () => {
    const shop = synthesize(['shop', stack('s-web')]);
    const blog = synthesize(['blog', stack('s-web', '1000000')]);
    expect((await apply(shop)).code).toBe(0);
    const running = await invocation('s-web');
    const refused = await apply(blog);
    expect(refused.stdout).toContain(
      'Cannot create s-web: a service of that name belongs to stack "shop" (shop/host/s-web)',
    );
    expect(refused.code).toBe(1);
    expect((await destroy(blog)).code).toBe(0);
    expect(await invocation('s-web')).toBe(running);
    expect((await plan(shop)).code).toBe(0);
    expect((await destroy(shop)).code).toBe(0);
  });
});

describeHost('the lock of a host', () => {
  const one = (address: HostProps): string =>
    synthesize(['locked', (stack) => sleeper(new Host(stack, 'host', address), 'l-web')]);

  afterEach(() => destroy(one({ address: ADDRESS })));

  test('keeps an apply waiting until the one before has ended', async () => {
    const path = one({ address: ADDRESS });
    const transport = connect({ address: ADDRESS });
    try {
      const held = await transport.hold(['flock', '/run/systemd/system', 'sh', '-c', 'echo held; exec cat']);
      const applying = apply(path);
      const waiting = "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q '[f]lock -w'";
      await lab.sh(`for i in $(seq 200); do if ${waiting}; then exit 0; fi; sleep 0.1; done; ${waiting}`);
      expect(await lab.sh('systemctl show -P LoadState l-web')).toBe('not-found\n');
      await held.release();
      expect(await applying).toMatchObject({ stderr: '', code: 0 });
    } finally {
      await transport.close();
    }
    expect((await plan(path)).code).toBe(0);
  });

  test('is taken by one Host after the other where two are the same machine', async () => {
    const path = synthesize([
      'locked',
      (stack) => {
        sleeper(new Host(stack, 'host', { address: ADDRESS }), 'l-web');
        sleeper(new Host(stack, 'same', { address: ADDRESS, sshOptions: ['ConnectTimeout=9'] }), 'l-log');
      },
    ]);
    expect(await apply(path)).toMatchObject({ stderr: '', code: 0 });
    expect((await plan(path)).code).toBe(0);
    expect((await destroy(path)).code).toBe(0);
  });
});
