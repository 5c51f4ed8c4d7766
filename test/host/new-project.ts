import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type CdkLibrary, cdkArgv } from './cdk-clis';
import { ADDRESS } from './host';

const root = join(__dirname, '..', '..');

/** An empty directory in which somebody types commands. */
export class NewProject {
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

  /** Makes the project with the package as it would be published, for the host of these tests. */
  async init(...options: readonly string[]): Promise<void> {
    if (!existsSync(join(root, 'dist', 'cli', 'main.js')))
      throw new Error('dist/ is missing, run "npm run build" first');
    await this.succeed('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', this.directory, root);
    await this.npm('install', `./${readdirSync(this.directory)[0]}`);
    await this.bulkhead('init', ...options);
    await this.npm('install');
    const main = join(this.directory, 'main.ts');
    writeFileSync(main, readFileSync(main, 'utf8').replace("address: 'lab'", `address: '${ADDRESS}'`));
    expect(readFileSync(main, 'utf8')).toContain(`{ address: '${ADDRESS}' }`);
  }

  /** Runs the command of a library, `cdktf` or `cdktn`, from npm's cache or the registry. */
  cdk(library: CdkLibrary, ...args: readonly string[]) {
    return this.run('npx', ...cdkArgv(library, args));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
