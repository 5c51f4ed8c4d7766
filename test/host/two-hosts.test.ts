import { Host, Image, NspawnMachine, SystemdService } from 'bulkhead';
import { Lab } from '../../lib/lab';
import { shutDown } from '../../lib/lab/lifecycle';
import { labPaths } from '../../lib/lab/paths';
import { connect, type Transport } from '../../lib/transport';
import { inventory, LAB_NAME, lab, shell } from './host';
import { type Build, describeTerraformOnHost, Stack } from './stack';
import { images } from './synth';

const name = `${LAB_NAME}-2`;
const address = `lab:${name}` as const;

/** On the first host a service that needs a machine of the second one, and one that needs nothing. */
const build =
  (color: string): Build =>
  (first, stack) => {
    const second = new Host(stack, 'second', { address, sshOptions: ['ConnectTimeout=2'] });
    const image = Image.ociArchive(images().ociArchive);
    const environment = { COLOR: color };
    const db = new NspawnMachine(second, 'w-db', { image, environment, expose: [80], stopTimeout: '1s' });
    db.connections.allowFromHost();
    const command = ['/usr/bin/sleep', 'infinity'];
    new SystemdService(first, 'w-api', {
      command,
      environment: { ...environment, DATABASE: db.address },
      dependsOn: [db],
    });
    new SystemdService(first, 'w-other', { command, environment });
  };

describeTerraformOnHost('a stack of two hosts under Terraform', () => {
  const second = new Lab({ name });
  let stack: Stack;
  let transport: Transport;
  let before: string[];

  const inventories = async () => Promise.all([inventory(), inventory(transport)]);
  const environmentOf = (unit: string) =>
    lab.sh(
      'tr "\\0" "\\n" < /proc/$(systemctl show -P MainPID "$1")/environ | grep -E "^(COLOR|DATABASE)=" | sort',
      unit,
    );
  const start = async () => {
    await second.up();
    transport = connect({ address });
  };
  const stop = async () => {
    await transport.close();
    await shutDown(labPaths(name));
  };

  beforeAll(async () => {
    await start();
    before = await inventories();
    stack = new Stack('w-stack');
  });
  afterAll(async () => {
    await transport.close();
    await second.down();
    stack.cleanUp();
  });

  test('is deployed in the order of what depends on what, and a second plan is empty', async () => {
    const output = await stack.apply(build('red'));
    expect(output).toMatch(/second_w-db\S+: Creation complete.*host_w-api\S+: Creating/s);
    expect(await stack.plan()).toBe('');
    const [, database] = (await environmentOf('w-api')).trim().split('DATABASE=');
    const page = shell(transport, 'busybox wget -q -O - "http://$1/"', String(database));
    expect(await page).toBe('<h1>It works</h1>\n');
  });

  test('says of a host that is gone which one it is, and applies what needs only the other', async () => {
    await stack.prepare(build('green'));
    await stack.terraform.succeed(['plan', '-out=changes']);
    await stop();
    const error = {
      severity: 'error',
      summary: expect.stringMatching(/^Cannot reach "\S+": .* \(at w-stack\/second\/(?:w-db|Network)\)$/),
    };
    expect(await stack.terraform.plan()).toMatchObject({ exitCode: 1, diagnostics: [error] });
    const applied = await stack.terraform.run(['apply', '-json', 'changes']);
    expect(applied).toMatchObject({ exitCode: 1, diagnostics: [error] });
    expect(await environmentOf('w-other')).toBe('COLOR=green\n');
    expect(await environmentOf('w-api')).toContain('COLOR=red\n');

    await start();
    await stack.apply(build('green'));
    expect(await stack.plan()).toBe('');
    expect(await environmentOf('w-api')).toContain('COLOR=green\n');
  });

  test('is destroyed, and leaves nothing on either', async () => {
    const output = await stack.destroy();
    expect(output).toMatch(/host_w-api\S+: Destruction complete.*second_w-db\S+: Destroying/s);
    expect(await inventories()).toEqual(before);
  });
});
