import { ContainerdService, type Host, type Image, NspawnMachine, PodmanService } from 'bulkhead';
import { apply } from '../../lib/engine';
import { Counting } from './counting';
import { describeHost, host, inventory } from './host';
import { layerOf, MadeImages } from './made-images';
import { Deployment } from './synth';

jest.setTimeout(300_000);

const MB = 1_000_000;
const RUNTIMES: Readonly<Record<string, (host: Host, id: string, image: Image) => unknown>> = {
  podman: (host, id, image) => new PodmanService(host, id, { image, stopTimeout: '1s' }),
  containerd: (host, id, image) => new ContainerdService(host, id, { image, stopTimeout: '1s' }),
  nspawn: (host, id, image) => new NspawnMachine(host, id, { image, stopTimeout: '1s', removalPolicy: 'destroy' }),
};

describeHost('an image of 200 MB', () => {
  const made = new MadeImages();
  let layers: readonly Buffer[];
  beforeAll(async () => {
    layers = [await MadeImages.busybox(), layerOf('data', 200 * MB)];
  });
  afterAll(() => made.cleanUp());

  describe.each(Object.entries(RUNTIMES))('of a service of %s', (_, create) => {
    const deployments: Deployment[] = [];
    let before: string;

    /** Bytes that are sent to a host when services are applied. */
    async function sent(services: Readonly<Record<string, Image>>): Promise<number> {
      const deployment = new Deployment('layers', (at) => {
        for (const [id, image] of Object.entries(services)) create(at, id, image);
      });
      deployments.push(deployment);
      const counting = new Counting(host());
      const wanted = { manifests: deployment.manifests, remove: [] };
      for (const error of (await apply(counting, wanted, { asset: deployment.asset })).values()) if (error) throw error;
      expect(await deployment.differences()).toEqual([]);
      return counting.bytes;
    }

    beforeAll(async () => {
      before = await inventory();
    });
    afterAll(async () => {
      await deployments.at(-1)?.destroy();
      for (const deployment of deployments) deployment.cleanUp();
      expect(await inventory()).toBe(before);
    });

    test('is sent once, then only what has changed, and nothing of it for another service', async () => {
      const [first, second] = [1, 2].map((number) => made.of([...layers, layerOf(`app-${number}`, 5 * MB)]));
      if (!first || !second) throw new Error('no images');
      expect(await sent({ 'l-one': first })).toBeGreaterThan(200 * MB);
      expect(await sent({ 'l-one': second })).toBeLessThan(10 * MB);
      expect(await sent({ 'l-one': second, 'l-two': second })).toBeLessThan(MB);
      expect(await sent({ 'l-one': second, 'l-two': second })).toBeLessThan(MB);
    });
  });
});
