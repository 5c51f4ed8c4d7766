import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigFile } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment } from './synth';

jest.setTimeout(180_000);

const THEIRS = '/srv/e-theirs';
const OURS = '/srv/e-ours';

describeHost('an asset in a directory of somebody else', () => {
  const local = mkdtempSync(join(tmpdir(), 'bulkhead-asset-'));
  let before: string;
  let deployment: Deployment;

  beforeAll(async () => {
    before = await inventory();
    await lab.sh('install -d -o nobody -g nogroup "$1"', THEIRS);
    const source = join(local, 'large');
    writeFileSync(source, Buffer.alloc(100_000, 'x'));
    deployment = new Deployment('endless-asset', (host) => {
      new ConfigFile(host, 'e-theirs', { path: `${THEIRS}/large`, source, owner: 'nobody', group: 'nogroup' });
      new ConfigFile(host, 'e-ours', { path: `${OURS}/large`, source });
    });
    await deployment.apply();
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    rmSync(local, { recursive: true });
    await lab.sh('rmdir "$1"', THEIRS);
    expect(await inventory()).toBe(before);
  });

  test('is read like any other', async () => {
    expect(await deployment.differences()).toEqual([]);
    await lab.sh('echo y >> "$1"; echo y >> "$2"', `${THEIRS}/large`, `${OURS}/large`);
    expect((await deployment.differences()).sort()).toEqual([
      `write ${OURS}/large: content differs`,
      `write ${THEIRS}/large: content differs`,
    ]);
    await deployment.apply();
  });

  test('keeps nobody waiting who looks at the host, however large it has become', async () => {
    await lab.sh('truncate -s 15T "$1"', `${THEIRS}/large`);
    expect(await deployment.differences()).toEqual([`write ${THEIRS}/large: content differs`]);
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });
});
