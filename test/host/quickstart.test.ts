import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Lab } from '../../lib/lab';
import { describeHost } from './host';
import { OTHER_HOME } from './labs';

const root = join(__dirname, '..', '..');
const checkout = join(tmpdir(), `bulkhead-quickstart-${process.pid}`);
// A practice host and a state of its own, so that nobody's is disturbed.
const home = OTHER_HOME;

async function quickstart(env: NodeJS.ProcessEnv = {}) {
  const child = spawn('npm', ['run', '--silent', 'quickstart'], {
    cwd: checkout,
    env: { ...process.env, BULKHEAD_LAB_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { stdout, stderr, code };
}

/** A PATH on which Terraform does not work. */
function pathWithoutTerraform(): string {
  const directory = join(checkout, 'bin');
  mkdirSync(directory);
  writeFileSync(join(directory, 'terraform'), '#!/bin/sh\nexit 127\n');
  chmodSync(join(directory, 'terraform'), 0o755);
  return `${directory}:${process.env.PATH}`;
}

const CHAIN = 'web (podman) asks api: api (systemd) asks db: db (nspawn): 3 oranges\n';
const times = (part: string, whole: string) => whole.split(part).length - 1;

describeHost('the quick start', () => {
  beforeAll(() => {
    if (!existsSync(join(root, 'dist', 'cli', 'main.js')))
      throw new Error('dist/ is missing, run "npm run build" first');
    mkdirSync(checkout);
    for (const name of ['lib', 'dist', 'examples', 'package.json', 'tsconfig.json', 'cdktf.json'])
      cpSync(join(root, name), join(checkout, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  });

  afterAll(async () => {
    await new Lab({ home }).down();
    rmSync(checkout, { recursive: true });
    rmSync(home, { recursive: true, force: true });
  });

  test('without Terraform takes the bulkhead command and says so, from nothing to repaired services', async () => {
    const { stdout, code } = await quickstart({ PATH: pathWithoutTerraform() });
    expect(stdout).toContain('By the bulkhead command, because terraform is not installed.');
    expect(stdout).toContain('Applied 7 services');
    expect(stdout).toContain('No changes: 7 services match.');
    expect(stdout).toContain('web.container: Container.PublishPort 8080:81 -> 8080:80');
    expect(stdout).toContain('api.service is inactive');
    expect(stdout).toContain('Applied 2 services');
    expect(times(CHAIN, stdout)).toBe(2);
    expect(stdout).toContain('What to try next');
    expect(code).toBe(0);
  }, 300_000);

  const installed = hasTerraform();
  (installed ? test : test.skip)(
    `with Terraform deploys by cdktf, and takes over what is there${installed ? '' : ' (skipped: terraform is not installed)'}`,
    async () => {
      const { stdout, stderr, code } = await quickstart();
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stdout).toContain('Apply complete! Resources: 7 added, 0 changed, 0 destroyed.');
      expect(stdout).toContain('No changes. Your infrastructure matches the configuration.');
      expect(stdout).toContain('Plan: 0 to add, 2 to change, 0 to destroy.');
      expect(times(CHAIN, stdout)).toBe(2);
    },
    300_000,
  );
});

function hasTerraform(): boolean {
  try {
    execFileSync('terraform', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
