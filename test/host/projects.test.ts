import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, SystemdService } from 'bulkhead';
import { bulkhead } from '../cli/command';
import { describeHost, lab } from './host';
import { type Build, describeTerraformOnHost, Stack } from './stack';

const sleeper =
  (...names: readonly string[]): Build =>
  (host: Host) => {
    for (const name of names) new SystemdService(host, name, { command: ['/usr/bin/sleep', 'infinity'] });
  };

/** A project with a stack `same`, and the directory that its program runs in. */
class Project {
  readonly stack = new Stack('same');
  private readonly directory = mkdtempSync(join(tmpdir(), 'bulkhead-projects-'));

  constructor(projectId: string) {
    writeFileSync(join(this.directory, 'cdktf.json'), JSON.stringify({ projectId }));
  }

  /** Synthesizes where the cdktf.json is. */
  synth(build: Build): void {
    const before = process.cwd();
    process.chdir(this.directory);
    try {
      this.stack.synth(build);
    } finally {
      process.chdir(before);
    }
  }

  run = (command: string, ...options: readonly string[]) =>
    bulkhead([command, ...options, '--bundle', this.stack.bundle]);

  cleanUp(): void {
    this.stack.cleanUp();
    rmSync(this.directory, { recursive: true });
  }
}

const active = (...names: readonly string[]) =>
  lab.sh('for unit; do systemctl show -P ActiveState "$unit"; done', ...names);

describeHost('two projects with a stack of the same name on one host', () => {
  let shop: Project;
  let blog: Project;
  beforeAll(() => {
    shop = new Project('shop-id');
    blog = new Project('blog-id');
  });
  afterAll(async () => {
    for (const project of [shop, blog]) {
      await project.run('destroy', '--auto-approve');
      project.cleanUp();
    }
  });

  test('leave the services of each other alone', async () => {
    shop.synth(sleeper('p-web', 'p-old'));
    blog.synth(sleeper('p-log'));
    for (const project of [shop, blog]) expect(await project.run('apply', '--auto-approve')).toMatchObject({ code: 0 });
    shop.synth(sleeper('p-web'));
    const { stdout } = await shop.run('apply', '--auto-approve');
    expect(stdout).toContain('p-old');
    expect(stdout).not.toContain('p-log');
    expect(await active('p-web', 'p-old', 'p-log')).toBe('active\ninactive\nactive\n');
    expect(await shop.run('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
    expect(await shop.run('destroy', '--auto-approve')).toMatchObject({ code: 0 });
    expect(await active('p-web', 'p-log')).toBe('inactive\nactive\n');
  });

  test('are told of a service that both want', async () => {
    shop.synth(sleeper('p-log'));
    const { stdout, code } = await shop.run('apply', '--auto-approve');
    expect(stdout).toContain(
      'Cannot create p-log: a service of that name belongs to stack "same" of project "blog-id" (same/host/p-log)',
    );
    expect(code).toBe(1);
    expect((await shop.run('status')).stdout).toMatch(/p-log +systemd +absent/);
  });

  test('move it from one to the other, which leaves it running', async () => {
    const running = await lab.sh('systemctl show -P InvocationID p-log');
    const { stdout } = await shop.run('state', 'mv', 'p-log', '--from', 'same', '--auto-approve');
    expect(stdout).toContain(
      'p-log  from stack same of project blog-id (same/host/p-log)  to stack same of project shop-id (same/host/p-log)',
    );
    expect(await shop.run('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
    blog.synth(() => {});
    expect(await blog.run('apply', '--auto-approve')).toMatchObject({ code: 0 });
    expect(await lab.sh('systemctl show -P InvocationID p-log')).toBe(running);
  });
});

describeTerraformOnHost('two projects with a stack of the same name, with Terraform', () => {
  let shop: Project;
  let blog: Project;
  beforeAll(() => {
    shop = new Project('shop-id');
    blog = new Project('blog-id');
  });
  const deploy = async (project: Project, build: Build) => {
    project.synth(build);
    if (!project.stack.terraform.exists('.terraform')) await project.stack.terraform.succeed(['init']);
    return project.stack.terraform.apply();
  };
  afterAll(async () => {
    for (const project of [shop, blog]) {
      await project.stack.destroy();
      project.cleanUp();
    }
  });

  test('neither takes a service from the other, nor removes it', async () => {
    expect(await deploy(shop, sleeper('p-web'))).toMatchObject({ exitCode: 0 });
    const { exitCode, diagnostics } = await deploy(blog, sleeper('p-web', 'p-log'));
    expect(exitCode).toBe(1);
    expect(diagnostics[0]?.summary).toContain('belongs to stack "same" of project "shop-id"');
    expect(await deploy(blog, sleeper('p-log'))).toMatchObject({ exitCode: 0 });
    await blog.stack.destroy();
    expect(await active('p-web', 'p-log')).toBe('active\ninactive\n');
    expect(await shop.stack.plan()).toBe('');
  });
});
