import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ADDRESS, describeHost, inventory, lab } from './host';

const root = join(__dirname, '..', '..');

/** An empty directory in which somebody types commands. */
class Project {
  readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-init-'));

  async run(command: string, ...args: readonly string[]) {
    const child = spawn(command, args, {
      cwd: this.directory,
      env: { ...process.env, CHECKPOINT_DISABLE: '1', CI: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = once(child, 'close');
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    return { stdout, stderr, code };
  }

  /** Runs a command that must succeed, and returns what it prints. */
  async succeed(command: string, ...args: readonly string[]): Promise<string> {
    const { stdout, stderr, code } = await this.run(command, ...args);
    if (code !== 0) throw new Error(`exit code ${code} of: ${command} ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  }

  /** The prefix keeps npm from taking a directory above, where there is a package.json, for the project. */
  npm = (...args: readonly string[]) =>
    this.succeed('npm', ...args, '--prefix', this.directory, '--loglevel=error', '--prefer-offline', '--no-audit');
  bulkhead = (...args: readonly string[]) => this.succeed('npx', '--no', '--', 'bulkhead', ...args);
  /** The version of cdktf is that of the package; only one that npm has fetched before is used. */
  cdktf = (...args: readonly string[]) => this.run('npx', '--offline', '--yes', 'cdktf-cli@0.21.0', ...args);

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

describeHost('bulkhead init', () => {
  const project = new Project();
  let before: string;
  const page = () => lab.sh('busybox wget -q -O - http://127.0.0.1:8000/');

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist', 'cli', 'main.js')))
      throw new Error('dist/ is missing, run "npm run build" first');
    before = await inventory();
    await project.succeed('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', project.directory, root);
    await project.npm('install', `./${readdirSync(project.directory)[0]}`);
    await project.bulkhead('init');
    await project.npm('install');
    const main = join(project.directory, 'main.ts');
    writeFileSync(main, readFileSync(main, 'utf8').replace("address: 'lab'", `address: '${ADDRESS}'`));
    expect(readFileSync(main, 'utf8')).toContain(`{ address: '${ADDRESS}' }`);
  });

  afterAll(() => project.remove());

  test('makes a project whose tests pass', async () => {
    expect(await project.succeed('npm', 'test')).toMatch(/pass 2\n/);
  });

  test('makes a project whose tests fail when the service is another one', async () => {
    const main = join(project.directory, 'main.ts');
    const program = readFileSync(main, 'utf8');
    writeFileSync(main, program.replace("'64M'", "'65M'"));
    expect(await project.run('npm', 'test')).toMatchObject({ code: 1, stdout: expect.stringMatching(/fail 1\n/) });
    writeFileSync(main, program);
  });

  test('makes a project that deploys as it is, and goes without a trace', async () => {
    expect(await project.bulkhead('diff', '--markdown')).toContain('| `+` | `hello` |');
    expect(await project.bulkhead('apply', '--auto-approve')).toContain('a second plan is empty');
    expect(await page()).toBe('<h1>Hello</h1>\n');
    expect(await project.bulkhead('plan', '--detailed-exitcode')).toContain('No changes');
    await project.bulkhead('destroy', '--auto-approve');
    expect(await inventory()).toBe(before);
  });

  test('makes a project that cdktf deploys', async () => {
    const [cli, terraform] = await Promise.all([project.cdktf('--version'), available('terraform')]);
    if (cli.code !== 0 || !terraform) {
      process.stderr.write(`skipped: ${terraform ? 'cdktf-cli' : 'terraform'} is not installed\n`);
      return;
    }
    expect(await project.cdktf('deploy', '--auto-approve', 'hello')).toMatchObject({ code: 0 });
    expect(await page()).toBe('<h1>Hello</h1>\n');
    expect(await project.bulkhead('plan', '--detailed-exitcode')).toContain('No changes');
    expect(await project.cdktf('destroy', '--auto-approve', 'hello')).toMatchObject({ code: 0 });
    expect(await inventory()).toBe(before);
  });

  const available = async (program: string) => (await project.run('sh', '-c', `command -v ${program}`)).code === 0;
});
