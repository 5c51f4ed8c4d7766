import { type Host, Image, SystemdService } from 'bulkhead';
import { tarOf } from '../archives/made-tar';
import { bulkhead } from '../cli/command';
import { inventory, lab } from './host';
import { MadeImages } from './made-images';
import { REGISTRY, registry } from './registry';
import { describeTerraformOnHost, Stack } from './stack';

jest.setTimeout(240_000);

const REFERENCE = `${REGISTRY}/shop/tagged:1`;

describeTerraformOnHost('a tag that has moved', () => {
  const made = new MadeImages();
  let before: string;
  let busybox: Buffer;
  const version = (content: string) => made.of([busybox, tarOf([{ path: 'version', content }])]);

  beforeAll(async () => {
    before = await inventory();
    busybox = await MadeImages.busybox();
    await registry.start();
  });
  afterAll(async () => {
    await registry.stop();
    made.cleanUp();
    expect(await inventory()).toBe(before);
  });

  test('shows in bulkhead plan --check-tags, and in terraform plan with BULKHEAD_CHECK_TAGS, and is followed by apply', async () => {
    const stack = new Stack('pulled-tf');
    const build = (on: Host) =>
      new SystemdService(on, 'p-tagged', { image: Image.oci(REFERENCE), command: ['/bin/busybox', 'sleep', '1000'] });
    const there = () => lab.sh('cat /var/lib/bulkhead/images/*/root/version');
    const terraform = (...args: readonly string[]) =>
      stack.terraform.run([...args, '-no-color'], { BULKHEAD_CHECK_TAGS: '1' });
    try {
      await registry.push(version('one'), REFERENCE);
      await stack.apply(build);
      await registry.push(version('two'), REFERENCE);
      expect(await stack.plan()).toBe('');
      const moved = `, and ${REFERENCE} is sha256:`;
      const plan = await terraform('plan', '-detailed-exitcode');
      expect(plan.exitCode).toBe(2);
      expect(plan.output).toContain(moved);
      expect(await terraform('apply', '-auto-approve')).toMatchObject({ exitCode: 0 });
      expect(await there()).toContain('two');
      expect(await terraform('plan', '-detailed-exitcode')).toMatchObject({ exitCode: 0 });

      await registry.push(version('three'), REFERENCE);
      const helper = (...args: readonly string[]) => bulkhead([...args, '--bundle', stack.bundle]);
      expect(await helper('plan', '--detailed-exitcode')).toMatchObject({ code: 0 });
      const checkedPlan = await helper('plan', '--detailed-exitcode', '--check-tags');
      expect(checkedPlan).toMatchObject({ code: 2, stdout: expect.stringContaining(moved) });
      expect(await helper('apply', '--auto-approve', '--check-tags')).toMatchObject({ code: 0 });
      expect(await there()).toContain('three');
      expect(await helper('plan', '--detailed-exitcode', '--check-tags')).toMatchObject({ code: 0 });
    } finally {
      await stack.destroy();
      stack.cleanUp();
    }
  });
});
