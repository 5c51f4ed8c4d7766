import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithTerraform, Workspace } from './terraform';

const root = join(__dirname, '..', '..');

/** An empty project with the package as it would be published, and what its users install beside it. */
class Project {
  readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-package-'));

  constructor() {
    this.run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', this.directory, root]);
    const [tarball] = readdirSync(this.directory);
    this.run('npm', ['init', '--yes', '--silent']);
    this.run('npm', ['install', '--silent', '--prefer-offline', `./${tarball}`, 'cdktf@0.21.0', 'constructs@10.7.2']);
  }

  run(command: string, args: readonly string[]): string {
    return execFileSync(command, args, { cwd: this.directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

describeWithTerraform('package', () => {
  let project: Project;
  beforeAll(() => {
    project = new Project();
  });
  afterAll(() => project.remove());

  test('a stack written against it synthesizes, and Terraform finds its provider there', async () => {
    writeFileSync(
      join(project.directory, 'main.js'),
      `const { App, TerraformStack } = require('cdktf');
       const { Host, SystemdService } = require('bulkhead');
       const app = new App();
       const host = new Host(new TerraformStack(app, 'shop'), 'host', { address: 'local' });
       new SystemdService(host, 'api', { command: ['/usr/bin/sleep', 'infinity'] });
       app.synth();`,
    );
    project.run('node', ['main.js']);
    const workspace = new Workspace(join(project.directory, 'cdktf.out', 'stacks', 'shop'));
    await workspace.succeed(['init']);
    await workspace.succeed(['validate']);
    expect(readFileSync(join(workspace.directory, '.terraform.lock.hcl'), 'utf8')).toContain('bulkhead');

    rmSync(join(workspace.directory, '.terraform'), { recursive: true });
    const fromElsewhere = ['-chdir=cdktf.out/stacks/shop', 'init', '-plugin-dir=terraform.d/plugins'];
    expect(await new Workspace(project.directory).succeed(fromElsewhere)).toContain('successfully initialized');
  });

  test('its command runs', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(project.run('npx', ['--no', '--', 'bulkhead', '--version']).trim()).toBe(version);
    expect(project.run('npx', ['--no', '--', 'bulkhead', 'plan', '--help'])).toContain('Examples:');
  });
});
