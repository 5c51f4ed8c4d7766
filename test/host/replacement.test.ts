import { Image, NspawnMachine, type NspawnMachineProps } from 'bulkhead';
import { bulkhead } from '../cli/command';
import { ADDRESS, inventory, lab } from './host';
import { type Build, describeTerraformOnHost, Stack } from './stack';
import { images } from './synth';

const machine =
  (props: Partial<NspawnMachineProps> = {}, id = 'r-db'): Build =>
  (host) => {
    const run = { image: Image.tar(images().tar), command: ['/bin/sleep', '100000'], stopTimeout: '1s' } as const;
    new NspawnMachine(host, id, { ...run, ...props });
  };

const DATA = '/var/lib/machines/r-db/data';
const REFUSED = {
  severity: 'error',
  summary: `Cannot replace r-db on ${ADDRESS}: machine-root:/var/lib/machines/r-db would be removed with all that was written into it (at r-stack/host/r-db)`,
  detail: expect.stringContaining("set `removalPolicy: 'destroy'`"),
};

describeTerraformOnHost('a machine with data in its root', () => {
  let stack: Stack;
  let before: string;
  beforeAll(async () => {
    before = await inventory();
    stack = new Stack('r-stack');
    await stack.apply(machine());
    await lab.sh('echo written > "$1"', DATA);
  });
  afterAll(() => stack.cleanUp());

  const untouched = async () =>
    expect(await lab.sh('cat "$1"; systemctl is-active r-db', DATA)).toBe('written\nactive\n');

  /** An apply with these arguments is refused before anything is touched. */
  async function refused(build: Build, ...args: readonly string[]): Promise<void> {
    await stack.prepare(build);
    const { exitCode, diagnostics } = await stack.terraform.apply(...args);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect({ exitCode, errors }).toMatchObject({ exitCode: 1, errors: [REFUSED] });
    await untouched();
  }

  test.each<[string, Partial<NspawnMachineProps>]>([
    ['gets another name', { name: 'r-site' }],
    ['gets another name and is to be retained from then on', { name: 'r-site', removalPolicy: 'retain' }],
  ])('is not replaced when it %s, neither by Terraform nor without', async (_, props) => {
    await refused(machine(props));
    const { code, stdout } = await bulkhead(['apply', '--auto-approve', '--bundle', stack.bundle]);
    expect(stdout).toContain('Cannot replace r-db: machine-root:/var/lib/machines/r-db would be removed');
    expect(code).not.toBe(0);
    await untouched();
  });

  test('is not replaced by -replace=, or because it is tainted', async () => {
    stack.synth(machine());
    const address = stack.addresses().find((name) => name.includes('r-db')) ?? '';
    await refused(machine(), `-replace=${address}`);
    await stack.terraform.succeed(['taint', address]);
    await refused(machine());
    await stack.terraform.succeed(['untaint', address]);
    expect(await stack.plan()).toBe('');
  });

  test('is not destroyed because another construct is to make it', async () => {
    await refused(machine({ name: 'r-db' }, 'r-moved'));
    stack.synth(machine());
    expect(await stack.plan()).toBe('');
  });

  test('leaves the root when that was said before', async () => {
    await stack.apply(machine({ removalPolicy: 'retain' }));
    await untouched();
    const output = await stack.apply(machine({ name: 'r-site', removalPolicy: 'retain' }));
    // What changes is its network.
    expect(output).toContain('Resources: 1 added, 1 changed, 1 destroyed.');
    expect(await lab.sh('cat "$1"; systemctl is-active r-site', DATA)).toBe('written\nactive\n');
  });

  test('is replaced when it is said that the root may go, and destroyed without a word', async () => {
    await stack.apply(machine({ name: 'r-site' }));
    const output = await stack.apply(machine({ name: 'r-third', removalPolicy: 'destroy' }));
    expect(output).toContain('Warning: Replacing r-site loses data');
    await stack.apply(machine({ name: 'r-third' }));
    await stack.destroy();
    await lab.sh('rm -r /var/lib/machines/r-db /var/lib/machines/.r-db.image /var/lib/machines/.#r-db.lck');
    expect(await inventory()).toBe(before);
  });
});
