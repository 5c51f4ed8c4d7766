import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lab } from '../../lib/lab';
import { ADDRESS, describeHost, inventory, lab } from './host';

const root = join(__dirname, '..', '..');
const bin = join(root, 'node_modules', '.bin');

const MAIN = `import { Host, Image } from 'bulkhead';
import { App, TerraformStack } from 'cdktf';
import { LoadPage } from '@example/load-page';

const app = new App();
const stack = new TerraformStack(app, 'load');
const host = new Host(stack, 'host', { address: '${ADDRESS}' });
const page = new LoadPage(host, 'load', { image: Image.ociArchive('${Lab.images().ociArchive}'), port: 8091 });
const name: string = page.web.unitName;
console.log(name);
app.synth();
`;

/** A project of a user, with npm's packages. */
class Project {
  readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-pattern-'));

  /** Runs a program that must succeed, and returns what it prints. */
  run(command: string, args: readonly string[], directory = this.directory): string {
    const { status, stdout, stderr } = this.try(command, args, directory);
    if (status !== 0) throw new Error(`exit code ${status} of: ${command} ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  }

  try(command: string, args: readonly string[], cwd = this.directory) {
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, CI: '1' };
    return spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  }

  /** Packs a package, and returns the name of the file. */
  pack(directory: string, ...options: readonly string[]): string {
    this.run('npm', ['pack', '--silent', ...options, '--pack-destination', this.directory], directory);
    const [tarball] = readdirSync(this.directory).filter((name) => name.endsWith('.tgz') && !this.packed.has(name));
    this.packed.add(tarball ?? '');
    return `./${tarball}`;
  }
  private readonly packed = new Set<string>();

  install(...packages: readonly string[]): void {
    const options = ['--prefix', this.directory, '--loglevel=error', '--prefer-offline', '--no-audit', '--no-fund'];
    this.run('npm', ['install', ...options, ...packages]);
  }

  bulkhead = (...args: readonly string[]) => this.try(join('node_modules', '.bin', 'bulkhead'), args);

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

describeHost('a pattern published as its own package', () => {
  let project: Project;
  const bundle = ['--bundle', 'cdktf.out/bundle'];

  beforeAll(() => {
    if (!existsSync(join(root, 'dist', 'index.js'))) throw new Error('dist/ is missing, run "npm run build" first');
    project = new Project();
    project.install(project.pack(root, '--ignore-scripts'), 'cdktf@0.21.0', 'constructs@10.7.2');
    // Below the project, where it finds what it is built against.
    const source = join(project.directory, 'pattern');
    cpSync(join(root, 'examples', 'pattern'), source, { recursive: true });
    project.install(project.pack(source));
    rmSync(source, { recursive: true });
  }, 240_000);

  afterAll(async () => {
    project.bulkhead('destroy', '--auto-approve', ...bundle);
    project.remove();
    await lab.sh('rm -rf /var/lib/load-page-*');
  });

  test('is installed from its tarball, compiles in a stack of somebody else, and is deployed', async () => {
    const before = await inventory();
    writeFileSync(join(project.directory, 'main.ts'), MAIN);
    project.run('tsc', [
      '--strict',
      '--skipLibCheck',
      '--module',
      'node16',
      '--target',
      'es2022',
      '--types',
      '',
      'main.ts',
    ]);
    expect(project.run('node', ['main.js'])).toBe('load-web.service\n');
    expect(project.bulkhead('apply', '--auto-approve', ...bundle)).toMatchObject({ stderr: '', status: 0 });
    expect(project.bulkhead('plan', '--detailed-exitcode', ...bundle)).toMatchObject({ status: 0 });
    expect(await lab.sh('busybox wget -q -O - http://127.0.0.1:8091/')).toMatch(/<h1>Load<\/h1><pre>\n\d+\.\d\d /);
    expect(project.bulkhead('destroy', '--auto-approve', ...bundle)).toMatchObject({ status: 0 });
    expect(await inventory()).toBe(before);
  });

  test('that brings a bulkhead of its own is told so', () => {
    const [own, nested] = [
      join(project.directory, 'node_modules', 'bulkhead'),
      join(project.directory, 'node_modules', '@example', 'load-page', 'node_modules', 'bulkhead'),
    ];
    cpSync(own, nested, { recursive: true });
    const { status, stderr } = project.try('node', ['main.js']);
    expect(stderr).toContain(`Cannot use the bulkhead in "${nested}": the app already uses the copy in "${own}"`);
    expect(status).not.toBe(0);
  });
});
