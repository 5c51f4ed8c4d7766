import { type Host, type Image, SystemdService } from 'bulkhead';
import { apply } from '../../lib/engine';
import { tarOf } from '../archives/made-tar';
import { Counting } from './counting';
import { describeHost, host, inventory, lab } from './host';
import { layerOf, MadeImages } from './made-images';
import { Deployment } from './synth';

const MIB = 2 ** 20;

const services = (names: readonly string[], image: Image) => (host: Host) => {
  for (const name of names) new SystemdService(host, name, { image });
};

/** How many roots and layers the host has. */
const stored = async () => {
  const count = (pattern: string) =>
    lab.sh('find /var/lib/bulkhead/images -regextype egrep -maxdepth 2 -regex "$1" | wc -l', `.*/images/${pattern}`);
  return { roots: Number(await count('[0-9a-f]{64}')), layers: Number(await count('layers/[0-9a-f]{64}')) };
};

describeHost('roots of images', () => {
  const made = new MadeImages();
  let before: string;
  let busybox: Buffer;
  let deployments: Deployment[] = [];
  const deployed = (stack: string, names: readonly string[], image: Image) => {
    const deployment = new Deployment(stack, services(names, image));
    deployments.push(deployment);
    return deployment;
  };
  /** Applies it. @returns bytes that were sent */
  const send = async ({ manifests, asset }: Deployment): Promise<number> => {
    const transport = new Counting(host());
    const errors = await apply(transport, { manifests, remove: [] }, { asset });
    expect([...errors.values()]).toEqual(manifests.map(() => undefined));
    return transport.bytes;
  };

  beforeAll(async () => {
    before = await inventory();
    busybox = await MadeImages.busybox();
  });
  afterEach(async () => {
    for (const deployment of deployments) {
      await deployment.destroy();
      deployment.cleanUp();
    }
    deployments = [];
    expect(await inventory()).toBe(before);
  });
  afterAll(() => made.cleanUp());

  test('ten services of one image have one root, which is sent once, and goes with the last of them', async () => {
    const image = made.of([busybox, layerOf('data', 8 * MIB)]);
    const names = Array.from({ length: 9 }, (_, index) => `i-ten-${index}`);
    const nine = deployed('images-nine', names, image);
    expect(await send(nine)).toBeLessThan(12 * MIB);
    const tenth = deployed('images-tenth', ['i-tenth'], image);
    expect(await send(tenth)).toBeLessThan(0.2 * MIB);
    expect(await stored()).toEqual({ roots: 1, layers: 2 });
    expect(await nine.differences()).toEqual([]);
    await nine.destroy();
    expect(await stored()).toEqual({ roots: 1, layers: 2 });
    expect(await tenth.differences()).toEqual([]);
    expect(await lab.sh('systemctl is-active i-tenth')).toBe('active\n');
    await tenth.destroy();
    await expect(lab.sh('ls /var/lib/bulkhead/images')).rejects.toThrow('No such file');
  });

  test('a change of 5 MB in an image of 200 MB sends those 5, and an unchanged image nothing', async () => {
    const big = layerOf('big', 195 * MIB);
    const first = deployed('images-change', ['i-change'], made.of([busybox, big, layerOf('small', 5 * MIB)]));
    expect(await send(first)).toBeGreaterThan(200 * MIB);
    const changed = deployed('images-change', ['i-change'], made.of([busybox, big, layerOf('small', 5 * MIB)]));
    expect(await send(changed)).toBeLessThan(6 * MIB);
    // The image before is kept to go back to.
    expect(await stored()).toEqual({ roots: 2, layers: 4 });
    const again = deployed(
      'images-again',
      ['i-again'],
      made.of([busybox, big], { Cmd: ['sleep', '9'], Env: ['PATH=/bin'] }),
    );
    expect(await send(again)).toBeLessThan(0.2 * MIB);
  });

  test('nobody but root can enter them, and what one service mounts on is not in the root of another', async () => {
    const image = made.of([busybox]);
    const deployment = new Deployment('images-closed', (host) => {
      new SystemdService(host, 'i-closed', { image });
      new SystemdService(host, 'i-mounts', { image, volumes: ['/etc/hostname:/made/for/this'] });
    });
    deployments.push(deployment);
    await deployment.apply();
    expect(await stored()).toEqual({ roots: 2, layers: 1 });
    const inside = 'cd /var/lib/bulkhead/images/*/root';
    await expect(lab.sh(`setpriv --reuid=nobody --regid=nogroup --clear-groups sh -c '${inside}'`)).rejects.toThrow();
    expect(await lab.sh('ls -d /var/lib/bulkhead/images/*/root/made')).toMatch(/^\S+\n$/);
    expect(await deployment.differences()).toEqual([]);
  });

  test('one that is cut off while it is sent is sent again', async () => {
    const deployment = deployed('images-cut', ['i-cut'], made.of([busybox, layerOf('data', 40 * MIB)]));
    const transport = new Counting(host());
    const cut = new AbortController();
    transport.sent = () => {
      if (transport.bytes > 10 * MIB) cut.abort(new Error('cut off'));
    };
    const { manifests, asset } = deployment;
    await expect(apply(transport, { manifests, remove: [] }, { asset, signal: cut.signal })).rejects.toThrow('cut off');
    expect(await stored()).toMatchObject({ roots: 0 });
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
    expect(await stored()).toEqual({ roots: 1, layers: 2 });
  });

  test('what a killed apply has left goes with its service', async () => {
    const deployment = deployed('images-killed', ['i-killed'], made.of([busybox]));
    await deployment.apply();
    await lab.sh(
      'cd /var/lib/bulkhead/images; root=$(ls | grep -v layers); mv "$root" "$root.new"; mkdir layers/half other.new',
    );
    expect(await deployment.differences()).toContainEqual(expect.stringMatching(/^load image-root:.*: is missing$/));
    await deployment.destroy();
    await expect(lab.sh('ls /var/lib/bulkhead/images')).rejects.toThrow('No such file');
  });

  test('an image for another processor is refused, and nothing is touched', async () => {
    const image = made.of([tarOf([{ path: 'bin/x', content: '', mode: 0o755 }])], { Cmd: ['/bin/x'] });
    const deployment = deployed('images-other', ['i-other'], image);
    const foreign = deployment.manifests.map((manifest) => ({
      ...manifest,
      objects: Object.fromEntries(
        Object.entries(manifest.objects).map(([key, { spec, ...object }]) => [
          key,
          { ...object, spec: { ...spec, architecture: 's390x' } },
        ]),
      ),
    }));
    const errors = await apply(host(), { manifests: foreign, remove: [] }, { asset: deployment.asset });
    expect(errors.get('i-other')?.message).toContain('its programs are for s390x, and the host is x86_64');
    expect(await inventory()).toBe(before);
  });
});
