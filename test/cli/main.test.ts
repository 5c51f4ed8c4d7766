import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { bulkhead, directory, main, root } from './command';

/** Port 1 of this machine: nothing listens there. */
const nowhere = { id: 'host', path: 'shop/host', address: 'ssh://root@127.0.0.1:1', manifests: [] };

const sleeper = {
  name: 'sleeper',
  stack: 'shop',
  path: 'shop/host/sleeper',
  runtime: 'systemd',
  objects: {},
  units: {},
  files: { '/etc/systemd/system/sleeper.service': { mode: '0644', owner: 'root', group: 'root' } },
};

/** A project whose program writes these bundles, as a cdktf program would. */
function project(bundles: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): string {
  const program = `
    const { mkdirSync, writeFileSync } = require('node:fs');
    const bundles = ${JSON.stringify(bundles)};
    const out = process.env.CDKTF_OUTDIR;
    for (const [stack, bundle] of Object.entries(bundles)) {
      mkdirSync(out + '/bundle/' + stack, { recursive: true });
      writeFileSync(out + '/bundle/' + stack + '/bundle.json', JSON.stringify({ stack, ...bundle }));
    }
    const stacks = Object.fromEntries([...Object.keys(bundles), 'plain'].map((name) => [name, {}]));
    mkdirSync(out, { recursive: true });
    writeFileSync(out + '/manifest.json', JSON.stringify({ stacks }));
    writeFileSync('context.json', process.env.CDKTF_CONTEXT_JSON);
    console.error('a warning of the program');
  `;
  return directory({ 'cdktf.json': { app: 'node main.js', ...more }, 'main.js': program });
}

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(await bulkhead(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', code: 0 });
});

test.each(
  [
    ...[[], ['init'], ['plan'], ['diff'], ['apply'], ['adopt'], ['destroy'], ['status'], ['logs'], ['restart']],
    ...[['exec'], ['shell'], ['state'], ['state', 'mv'], ['lab'], ['completion']],
  ].map((c) => [c]),
)('the help of %p shows examples', async (command) => {
  const { stdout, code } = await bulkhead([...command, '--help']);
  expect(stdout).toMatch(/\nExamples:\n {2}\$ .*bulkhead /);
  expect(code).toBe(0);
});

test('a mistyped command gets a suggestion', async () => {
  const { stderr, code } = await bulkhead(['plam']);
  expect(stderr).toContain('Did you mean plan?');
  expect(code).toBe(1);
});

test.each([
  ['apply', '*'],
  ['destroy', '*'],
  ['adopt', '*'],
])('%s needs approval where there is no terminal', async (...words) => {
  const { stdout, stderr, code } = await bulkhead(words, { cwd: project({ shop: { hosts: [nowhere] } }) });
  expect(stderr).toBe(
    `Cannot ${words[0]} without approval: there is no terminal to ask at\n` +
      `  do: look at the plan first, then run: bulkhead ${words[0]} '*' --auto-approve\n`,
  );
  expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
});

test('without a cdktf.json the way out is shown', async () => {
  const { stderr, code } = await bulkhead(['plan'], { cwd: directory({}) });
  expect(stderr).toMatch(
    /^Cannot synthesize: there is no cdktf.json in .*\n {2}do: change to the directory of your project, or create one: bulkhead init DIR\n/,
  );
  expect(code).toBe(1);
});

test('an error is one JSON document where that is asked for', async () => {
  const { stdout, stderr, code } = await bulkhead(['plan', '--json'], { cwd: directory({ 'cdktf.json': '{}' }) });
  expect(JSON.parse(stdout)).toEqual({
    error: {
      message: expect.stringMatching(/^Cannot synthesize: "app" is missing in/),
      advice: expect.stringContaining('npx tsx main.ts'),
    },
  });
  expect({ stderr, code }).toEqual({ stderr: '', code: 1 });
});

test('a program that fails shows its own error without the frames of others', async () => {
  const program = "throw new Error('Cannot publish 99999 (at shop/host/web.ports[0])');";
  const cwd = directory({ 'cdktf.json': { app: 'node main.js' }, 'main.js': program });
  const { stderr, code } = await bulkhead(['plan'], { cwd });
  expect(stderr).toMatch(/^Cannot synthesize: "node main.js" failed with exit code 1\n/);
  expect(stderr).toContain('Error: Cannot publish 99999 (at shop/host/web.ports[0])\n');
  expect(stderr).toContain(join(cwd, 'main.js'));
  expect(stderr).not.toContain('node:internal');
  expect(code).toBe(1);
});

test('a program that fails where nothing is installed is told to install it', async () => {
  const cwd = directory({ 'cdktf.json': { app: 'node main.js' }, 'package.json': '{}', 'main.js': "require('cdktf')" });
  expect((await bulkhead(['plan'], { cwd })).stderr).toMatch(/Cannot find module 'cdktf'.*\n {2}do: npm install\n$/s);
});

test('context that is no JSON is named', async () => {
  const { stderr } = await bulkhead(['plan'], { cwd: project({}), env: { CDKTF_CONTEXT_JSON: 'x' } });
  expect(stderr).toMatch(/^Cannot parse the environment variable CDKTF_CONTEXT_JSON: .*\n {2}do: unset /);
});

test.each([
  ['an index that is no JSON', { 'bundle.json': '{' }],
  ['an index without its files', { 'bundle.json': { stack: 'shop', hosts: [{ ...nowhere, manifests: [sleeper] }] } }],
])('a bundle with %s is refused with the way out', async (_, files) => {
  const { stdout, stderr, code } = await bulkhead(['plan', '--bundle', directory(files)]);
  expect(stderr).toMatch(/^Cannot read the bundle in ".*": .*\n {2}do: synthesize again/);
  expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
});

test('a name in a bundle that steers a terminal is refused, and is not printed as it is', async () => {
  const index = { stack: 'shop\u001b[2J', hosts: [nowhere] };
  const { stdout, stderr } = await bulkhead(['plan', '--bundle', directory({ 'bundle.json': index })]);
  expect(stderr).toMatch(/^Cannot read the bundle in ".*": bundle\.json: stack is "shop\\x1b\[2J", expected/);
  expect(stdout + stderr).not.toContain('\u001b');
});

test('a program that a bundle names runs only for who trusts it', async () => {
  const mark = join(directory({}), 'ran');
  const hosts = [{ ...nowhere, sshOptions: [`ProxyCommand=touch ${mark}`] }];
  const args = ['plan', '--bundle', directory({ 'bundle.json': { stack: 'shop', hosts } })];
  const refused = await bulkhead(args);
  expect(refused.stderr).toMatch(/^Cannot use the option "ProxyCommand=touch .*\n {2}do: .* --trust-ssh-options/);
  expect(existsSync(mark)).toBe(false);
  await bulkhead([...args, '--trust-ssh-options']);
  expect(existsSync(mark)).toBe(true);
});

test('a program that writes nothing is told to synthesize', async () => {
  const { stderr } = await bulkhead(['plan'], { cwd: directory({ 'cdktf.json': { app: 'true' } }) });
  expect(stderr).toContain('do: end your program with app.synth()');
});

test('a program gets its context, warns, and must have a stack with a Host', async () => {
  const cwd = project({}, { output: 'out', context: { size: 'file', color: 'file' } });
  const { stderr, code } = await bulkhead(['plan'], { cwd, env: { CDKTF_CONTEXT_JSON: '{"size":"environment"}' } });
  expect(JSON.parse(readFileSync(join(cwd, 'context.json'), 'utf8'))).toEqual({
    size: 'environment',
    color: 'file',
  });
  expect(stderr).toMatch(
    /^a warning of the program\nCannot find anything to apply: no stack of the program has a Host/,
  );
  expect(code).toBe(1);
});

test('one of several stacks must be named, or all by an asterisk', async () => {
  const cwd = project({ shop: { hosts: [nowhere] }, blog: { hosts: [nowhere] } });
  expect((await bulkhead(['plan'], { cwd })).stderr).toContain('there is more than one, expected one of shop, blog');
  expect((await bulkhead(['plan', 'blog'], { cwd })).stdout).toMatch(/^blog on /);
  expect((await bulkhead(['plan', '*'], { cwd })).stdout).toContain('2 hosts could not be planned');
});

test('a bundle with values that only Terraform knows is refused by construct path', async () => {
  const refused = [{ path: 'shop/host/web', message: 'files./etc/x.content has a value that only Terraform knows' }];
  const { stderr, code } = await bulkhead(['plan'], { cwd: project({ shop: { hosts: [nowhere], refused } }) });
  expect(stderr).toContain('Cannot use the bundle of stack "shop": it is incomplete\n  shop/host/web: files./etc/x');
  expect(stderr).toContain('do: run "cdktf deploy shop" instead');
  expect(code).toBe(1);
});

test('a directory without a bundle is refused', async () => {
  const { stderr, code } = await bulkhead(['plan', '--bundle', directory({})]);
  expect(stderr).toMatch(/^Cannot find a bundle in ".*": no bundle.json in it or one level below\n/);
  expect(code).toBe(1);
});

describe('an unreachable host', () => {
  const bundles = () => directory({ 'shop/bundle.json': { stack: 'shop', hosts: [nowhere] } });

  test.each([['plan'], ['apply'], ['destroy']])(
    'is one clear error of %s that names its construct path',
    async (command) => {
      const args = [command, ...(command === 'plan' ? [] : ['--auto-approve']), '--bundle', bundles()];
      const { stdout, code } = await bulkhead(args);
      expect(stdout).toMatch(
        /^shop on ssh:\/\/root@127\.0\.0\.1:1\n {2}Cannot reach "ssh:\/\/root@127\.0\.0\.1:1": .* \(at shop\/host\)\n {4}do: .*\n1 host could not be planned\. Nothing has been touched\.\n$/,
      );
      expect(code).toBe(1);
    },
  );

  test('is an error in the JSON document, and 1 as detailed exit code', async () => {
    const { stdout, code } = await bulkhead(['plan', '--json', '--detailed-exitcode', '--bundle', bundles()]);
    const [host] = JSON.parse(stdout).hosts;
    expect(host).toMatchObject({ stack: 'shop', path: 'shop/host', address: nowhere.address, services: [] });
    expect(host.error.message).toMatch(/^Cannot reach .* \(at shop\/host\)$/);
    expect(code).toBe(1);
  });

  test('has no status', async () => {
    const { stdout, code } = await bulkhead(['status', '--bundle', bundles()]);
    expect(stdout).toMatch(/^shop on ssh:.*\n {2}Cannot reach .* \(at shop\/host\)\n/);
    expect(code).toBe(1);
  });

  test('is an error of restart, exec and shell', async () => {
    const units = { 'sleeper.service': { state: 'active', restartOn: [] } };
    const hosts = [{ ...nowhere, manifests: [{ ...sleeper, files: {}, units }] }];
    const bundle = ['--bundle', directory({ 'bundle.json': { stack: 'shop', hosts } })];
    const restarted = await bulkhead(['restart', 'sleeper', ...bundle]);
    expect(restarted.stdout).toMatch(/^Restarted 0 of 1 service in .*, 1 failed\.\n$/);
    const { stdout } = await bulkhead(['restart', 'sleeper', '--json', ...bundle]);
    const service = { name: 'sleeper', path: 'shop/host/sleeper', result: 'failed', error: expect.any(Object) };
    expect(JSON.parse(stdout)).toEqual({ hosts: [{ address: nowhere.address, services: [service] }] });
    const entered = await bulkhead(['exec', ...bundle, 'sleeper', '--', 'ls', '-l']);
    const shell = await bulkhead(['shell', ...bundle, 'shop/host/sleeper']);
    for (const { stderr, code } of [restarted, entered, shell]) {
      expect(stderr).toMatch(/^Cannot reach "ssh:\/\/root@127\.0\.0\.1:1": nothing accepts connections/);
      expect(code).toBe(1);
    }
  });

  test('is waited for as long as is said, and what it is at is said on standard error', async () => {
    const { stdout, stderr, code } = await bulkhead([
      ...['apply', '--auto-approve', '--wait-for-host', '3s', '--bundle', bundles()],
    ]);
    expect(stderr).toBe('  waiting: Cannot reach "ssh://root@127.0.0.1:1": nothing accepts connections on port 1\n');
    expect(stdout).toMatch(/1 host could not be planned\. Nothing has been touched\.\n$/);
    expect(code).toBe(1);
    expect((await bulkhead(['apply', '--wait-for-host', 'long'])).stderr).toContain('Expected a time such as 30s');
  });

  test('that no stack named has no construct path', async () => {
    const { stderr, code } = await bulkhead(['status', '--host', nowhere.address]);
    expect(stderr).toMatch(/^Cannot reach "ssh:\/\/root@127\.0\.0\.1:1": /);
    expect(code).toBe(1);
  });
});

test('an address that is none is refused before anything is done', async () => {
  const hosts = [{ ...nowhere, address: 'ftp://a' }];
  const { stderr, code } = await bulkhead(['plan', '--bundle', directory({ 'bundle.json': { stack: 'shop', hosts } })]);
  expect(stderr).toMatch(/^Cannot parse address "ftp:\/\/a": /);
  expect(code).toBe(1);
});

test('a reader that has enough ends the command without a complaint', async () => {
  const child = spawn('sh', ['-c', '"$0" "$@" | head -n 1', process.execPath, main, '--help']);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect({ stdout, stderr }).toEqual({ stdout: 'Usage: bulkhead [options] [command]\n', stderr: '' });
});
