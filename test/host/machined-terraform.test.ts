import { Image, MachineImage, NspawnMachine, VirtualMachine } from 'bulkhead';
import { Lab } from '../../lib/lab';
import { inventory, lab } from './host';
import { type Build, describeTerraformOnHost, Stack } from './stack';
import { images } from './synth';

jest.setTimeout(600_000);

const SLEEP = ['/bin/sleep', '1000000'];

const build =
  (greeting: string): Build =>
  (host) => {
    const image = Image.ociArchive(images().ociArchive);
    const base = new MachineImage(host, 'm-base', { image });
    new NspawnMachine(host, 'm-shared', {
      image: base,
      readOnlyRoot: true,
      network: 'none',
      command: SLEEP,
      stopTimeout: '1s',
    });
    new VirtualMachine(host, 'm-guest', {
      ...Lab.guest(),
      image,
      memory: '128M',
      environment: { GREETING: greeting },
      health: { http: 'http://localhost/', timeout: '5min' },
      ports: ['8320:80'],
      stopTimeout: '10s',
    });
  };

describeTerraformOnHost('machines of a stack', () => {
  let stack: Stack;
  let before: string;
  beforeAll(async () => {
    before = await inventory();
    stack = new Stack('t-machines');
    await stack.apply(build('hello'));
  });
  afterAll(async () => {
    await stack.destroy();
    stack.cleanUp();
    expect(await inventory()).toBe(before);
  });

  const page = () => lab.sh('curl --silent --show-error --fail --max-time 20 http://127.0.0.1:8320/');
  const machines = () => lab.sh("machinectl list --no-legend | awk '/^m-/{print $1, $2}'");

  test('answer once they are deployed, machinectl lists them, and a second plan is empty', async () => {
    expect(await page()).toBe('<h1>It works</h1>\n');
    expect(await machines()).toBe('m-guest vm\nm-shared container\n');
    expect(await stack.plan()).toBe('');
  });

  test('show what was changed behind the back of Terraform, which repairs it', async () => {
    await lab.sh('machinectl terminate m-guest; systemctl stop m-guest; chattr -i /var/lib/machines/m-base');
    const plan = await stack.plan();
    expect(plan).toMatch(/m-guest.service is (?:inactive|failed|stopped)|start m-guest/);
    expect(plan).toContain('m-base is not read-only');
    await stack.apply(build('hello'));
    expect(await page()).toBe('<h1>It works</h1>\n');
    expect(await stack.plan()).toBe('');
  });

  test('restart when the image that they share was deleted, in the same apply', async () => {
    const invocation = () => lab.sh('systemctl show -P InvocationID m-shared');
    const before = await invocation();
    await lab.sh('chattr -i /var/lib/machines/m-base; rm -rf /var/lib/machines/m-base');
    expect(await stack.plan()).toMatch(/restart m-shared\.service: machine-image:m-base is missing/);
    await stack.apply(build('hello'));
    expect(await invocation()).not.toBe(before);
    expect(await lab.sh('ls "/proc/$(machinectl show -P Leader m-shared)/root/bin/busybox"')).not.toBe('');
    expect(await stack.plan()).toBe('');
  });

  test('change with their props, and only those that did', async () => {
    const invocation = () => lab.sh('systemctl show -P InvocationID m-shared');
    const shared = await invocation();
    await stack.apply(build('bye'));
    expect(await lab.sh('cat /run/bulkhead-vm/m-guest/command-line')).toContain(' GREETING=bye ');
    expect(await invocation()).toBe(shared);
    expect(await stack.plan()).toBe('');
  });
});
