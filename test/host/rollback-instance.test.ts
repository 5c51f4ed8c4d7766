import { type Host, IncusInstance, LxdInstance } from 'bulkhead';
import { tarOf } from '../archives/made-tar';
import { EitherStack } from './either';
import { inventory, lab } from './host';
import { MadeImages } from './made-images';
import { describeTerraformOnHost } from './stack';

jest.setTimeout(300_000);

const SERVE = ['/bin/busybox', 'httpd', '-f', '-p', '80', '-h', '/www'];
const NEVER = ['/bin/sh', '-c', 'sleep 1000'];

describeTerraformOnHost('an instance whose change fails', () => {
  const made = new MadeImages();
  afterAll(() => made.cleanUp());

  test.each([
    ['incus', IncusInstance],
    ['lxc', LxdInstance],
  ] as const)('is the old one again, with all that was written into it: %s', async (client, type) => {
    const before = await inventory();
    const busybox = await MadeImages.busybox();
    const image = (content: string) => made.of([busybox, tarOf([{ path: 'www/index.html', content }])]);
    const [one, two] = [image('one'), image('two')];
    const build = (version: typeof one, command: readonly string[]) => (host: Host) => {
      const health = { http: 'http://localhost/', timeout: '10s' } as const;
      new type(host, 'rb-instance', { image: version, command, health, restart: 'no', stopTimeout: '1s' });
    };
    const stack = new EitherStack('rollback-instance', 'bulkhead apply');
    try {
      const first = await stack.deploy(build(one, SERVE));
      expect(first.output).not.toContain('Cannot');
      const inside = `${client} exec rb-instance -- /bin/sh -c "$1"`;
      await lab.sh(inside, 'echo data > /written');
      const { exitCode, output } = await stack.deploy(build(two, NEVER));
      expect(exitCode).toBe(1);
      expect(output).toContain('rb-instance runs its previous version again');
      expect(await lab.sh(inside, 'cat /written /www/index.html')).toBe('data\none');
      expect(await stack.differences()).toContain('rb-instance');
      expect(await stack.deploy(build(one, SERVE))).toMatchObject({ exitCode: 0 });
      expect(await stack.differences()).toBe('');
    } finally {
      await stack.destroy();
    }
    expect(await inventory()).toBe(before);
  });
});
