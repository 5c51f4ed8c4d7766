import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerImage, Image } from 'bulkhead';
import { ociEntries } from '../../archives/made-image';
import { tarOf } from '../../archives/made-tar';
import { describeHost, lab } from '../host';
import { Deployment } from '../synth';
import { startDocker, stopDocker } from './daemon';

const MIB = 2 ** 20;

describeHost('an image of 200 MB', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-transfer-'));
  const layer = (size: number) => tarOf([{ path: 'data', content: randomBytes(size) }]);
  const base = layer(195 * MIB);

  const deployment = (name: string) =>
    new Deployment('transfer-test', (host) => {
      new DockerImage(host, 'i-large', { image: Image.ociArchive(join(directory, name)) });
    });
  /** Bytes that the practice host receives meanwhile. */
  const received = async (action: () => Promise<void>): Promise<number> => {
    const count = async () => Number(await lab.sh('cat /sys/class/net/host0/statistics/rx_bytes'));
    const before = await count();
    await action();
    return (await count()) - before;
  };

  beforeAll(async () => {
    for (const name of ['first', 'second'])
      writeFileSync(join(directory, name), tarOf(ociEntries({ layers: [base, layer(5 * MIB)] })));
    await startDocker();
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true });
    await stopDocker();
  });

  test('is sent once, and of another one only the layers that docker does not have', async () => {
    const first = deployment('first');
    expect(await received(() => first.apply())).toBeGreaterThan(195 * MIB);
    expect(await first.differences()).toEqual([]);
    expect(await received(() => first.apply())).toBeLessThan(MIB);

    const second = deployment('second');
    expect(await received(() => second.apply())).toBeLessThan(10 * MIB);
    expect(await second.differences()).toEqual([]);
    expect(await first.differences()).toEqual([]);

    await first.destroy();
    await second.destroy();
    expect(await lab.sh('docker image ls -a -q')).toBe('');
    first.cleanUp();
    second.cleanUp();
  });
});
