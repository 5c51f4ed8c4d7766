import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigDirectory, SystemdService } from 'bulkhead';
import { bulkhead } from '../cli/command';
import { describeHost, inventory, lab } from './host';
import { type Build, describeTerraformOnHost, Stack } from './stack';

type Files = Readonly<Record<string, string | Buffer>>;

const scratch = mkdtempSync(join(tmpdir(), 'bulkhead-directory-'));
afterAll(() => rmSync(scratch, { recursive: true }));

let count = 0;

/** A service that serves a directory of these files. */
const site =
  (files: Files): Build =>
  (host) => {
    const source = join(scratch, `${++count}`);
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(source, path)), { recursive: true });
      writeFileSync(join(source, path), content, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
    }
    const directory = new ConfigDirectory(host, 'd-files', { path: '/srv/d-site/www', source });
    const volumes = [{ source: directory, target: '/mnt' }];
    new SystemdService(host, 'd-site', { command: ['/usr/bin/sleep', 'infinity'], volumes });
    new SystemdService(host, 'd-other', { command: ['/usr/bin/sleep', 'infinity'] });
  };

/** What the service sees. */
const seen = async () =>
  (
    await lab.sh(`nsenter --mount --target "$(systemctl show -P MainPID d-site)" \\
      sh -c 'cd /mnt && find . -type f -printf "%m %u %P\\\\0" | sort -z'`)
  )
    .split('\0')
    .slice(0, -1);
const invocation = (unit: string) => lab.sh('systemctl show -P InvocationID "$1"', unit);

const HOSTILE = ['-rf', 'a b ', "it's", '"q"', '$HOME', '${x}', '%{y}', '*', 'back\\slash', 'tab\t', 'é', '.hidden'];

describeHost('a directory', () => {
  let stack: Stack;
  const run = (command: string, ...options: readonly string[]) =>
    bulkhead([command, ...options, '--bundle', stack.bundle]);
  const apply = async (files: Files) => {
    stack.synth(site(files));
    const { stdout, stderr, code } = await run('apply', '--auto-approve');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(await run('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
    return stdout;
  };
  let before: string;
  beforeAll(async () => {
    stack = new Stack('d-site');
    before = await inventory();
  });
  afterAll(async () => {
    await run('destroy', '--auto-approve');
    stack.cleanUp();
  });

  test('arrives file by file, whatever their names and sizes, and who mounts it follows each change', async () => {
    const odd = Object.fromEntries(HOSTILE.map((name) => [name, name]));
    await apply({ ...odd, 'sub/run.sh': '#!/bin/sh\n', large: Buffer.alloc(70_000, 1), old: 'old' });
    expect(await seen()).toEqual(
      [...HOSTILE, 'large', 'old']
        .map((name) => `644 root ${name}`)
        .concat('755 root sub/run.sh')
        .sort(byBytes),
    );
    expect(await lab.sh('sha256sum < /srv/d-site/www/large; cat "$1"', '/srv/d-site/www/${x}')).toMatch(
      / {2}-\n\$\{x\}$/,
    );

    const [running, other] = [await invocation('d-site'), await invocation('d-other')];
    await lab.sh('echo mine > /srv/d-site/www/mine');
    await apply({ new: 'new', large: 'small' });
    expect(await seen()).toEqual(['644 root large', '644 root mine', '644 root new']);
    expect(await invocation('d-site')).not.toBe(running);
    expect(await invocation('d-other')).toBe(other);
  });

  test('shows what is done to its files behind its back', async () => {
    await lab.sh('cd /srv/d-site/www; rm new; chmod 600 large');
    const { stdout, code } = await run('plan', '--detailed-exitcode');
    expect(stdout).toMatch(/www\/new\W+is missing/);
    expect(stdout).toMatch(/www\/large\W+mode is 0600, expected 0644/);
    expect(code).toBe(2);
    expect(await run('apply', '--auto-approve')).toMatchObject({ code: 0 });
  });

  test('goes, and leaves what is not its own', async () => {
    expect(await run('destroy', '--auto-approve')).toMatchObject({ code: 0 });
    expect(await lab.sh('find /srv/d-site -type f')).toBe('/srv/d-site/www/mine\n');
    await lab.sh('rm -r /srv/d-site /var/lib/bulkhead');
    expect(await inventory()).toBe(before);
  });
});

describeTerraformOnHost('a directory, with Terraform', () => {
  test('arrives, is updated, matches the bundle and goes', async () => {
    const stack = new Stack('d-site');
    const before = await inventory();
    try {
      await stack.apply(site({ 'a/b': 'a', '${x}': '%{y}', large: Buffer.alloc(70_000, 1) }));
      expect(await stack.plan()).toBe('');
      expect(await bulkhead(['plan', '--detailed-exitcode', '--bundle', stack.bundle])).toMatchObject({ code: 0 });
      await stack.apply(site({ 'a/b': 'b', large: Buffer.alloc(70_000, 2) }));
      expect(await seen()).toEqual(['644 root a/b', '644 root large']);
      expect(await stack.plan()).toBe('');
    } finally {
      await stack.destroy();
      stack.cleanUp();
    }
    expect(await inventory()).toBe(before);
  });
});

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
