import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Workspace } from '../terraform/terraform';
import { ADDRESS, inventory, lab } from './host';
import { describeTerraformOnHost } from './stack';

const root = join(__dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describeTerraformOnHost('the configuration in HCL that the README shows', () => {
  const workspace = new Workspace();
  afterAll(() => workspace.remove());

  test('is initialized, applied and destroyed as it stands there', async () => {
    const before = await inventory();
    const [, mirror = ''] = /^mirror=(\S+)$/m.exec(readme) ?? [];
    const [, copied = ''] = /^cp node_modules\/bulkhead\/(\S+) \$mirror\/$/m.exec(readme) ?? [];
    const [, configuration = ''] = /```hcl\n(.*?)```/s.exec(readme) ?? [];
    expect(configuration).toContain('resource "bulkhead_service"');
    mkdirSync(workspace.path(mirror), { recursive: true });
    copyFileSync(join(root, copied), workspace.path(join(mirror, basename(copied))));
    writeFileSync(workspace.path('main.tf'), configuration.replace('ssh://root@192.0.2.10', ADDRESS));

    await workspace.succeed(['init']);
    await workspace.succeed(['apply', '-auto-approve']);
    expect(await lab.sh('systemctl is-active clock.service; systemctl is-enabled clock.service')).toBe(
      'active\nenabled\n',
    );
    expect((await workspace.run(['plan', '-detailed-exitcode'])).exitCode).toBe(0);
    await workspace.succeed(['destroy', '-auto-approve']);
    expect(await inventory()).toBe(before);
  });
});
