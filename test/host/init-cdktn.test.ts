import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeHost, inventory, lab } from './host';
import { NewProject } from './new-project';

describeHost('bulkhead init --cdktn', () => {
  const project = new NewProject();
  let before: string;

  beforeAll(async () => {
    before = await inventory();
    await project.init('--cdktn');
  });

  afterAll(() => project.remove());

  test('makes a project that has cdktn and not cdktf, and whose tests pass', async () => {
    expect(existsSync(join(project.directory, 'node_modules', 'cdktn'))).toBe(true);
    expect(existsSync(join(project.directory, 'node_modules', 'cdktf'))).toBe(false);
    expect(await project.succeed('npm', 'test')).toMatch(/pass 2\n/);
  });

  test('makes a project that cdktn deploys, and goes without a trace', async () => {
    expect(await project.cdk('cdktn', 'deploy', '--auto-approve', 'hello')).toMatchObject({ code: 0 });
    expect(await lab.sh('busybox wget -q -O - http://127.0.0.1:8000/')).toBe('<h1>Hello</h1>\n');
    expect(await project.bulkhead('plan', '--detailed-exitcode')).toContain('No changes');
    expect(await project.cdk('cdktn', 'destroy', '--auto-approve', 'hello')).toMatchObject({ code: 0 });
    expect(await inventory()).toBe(before);
  });
});
