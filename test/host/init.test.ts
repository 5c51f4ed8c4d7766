import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeHost, inventory, lab } from './host';
import { NewProject } from './new-project';

describeHost('bulkhead init', () => {
  const project = new NewProject();
  let before: string;
  const page = () => lab.sh('busybox wget -q -O - http://127.0.0.1:8000/');

  beforeAll(async () => {
    before = await inventory();
    await project.init();
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
    expect(await project.cdk('cdktf', 'deploy', '--auto-approve', 'hello')).toMatchObject({ code: 0 });
    expect(await page()).toBe('<h1>Hello</h1>\n');
    expect(await project.bulkhead('plan', '--detailed-exitcode')).toContain('No changes');
    expect(await project.cdk('cdktf', 'destroy', '--auto-approve', 'hello')).toMatchObject({ code: 0 });
    expect(await inventory()).toBe(before);
  });
});
