import { DockerService, type Host } from 'bulkhead';
import { apply, observe, planService } from '../../../lib/engine';
import { tarOf } from '../../archives/made-tar';
import { describeHost, host, inventory, lab } from '../host';
import { MadeImages } from '../made-images';
import { REGISTRY, registry } from '../registry';
import { Deployment } from '../synth';
import { startDocker, stopDocker } from './daemon';

jest.setTimeout(240_000);

const REFERENCE = `${REGISTRY}/shop/docker:1`;

describeHost('an image that docker pulls', () => {
  const made = new MadeImages();
  let before: string;
  let busybox: Buffer;
  const version = (content: string) => made.of([busybox, tarOf([{ path: 'version', content }])]);

  beforeAll(async () => {
    await startDocker();
    before = await inventory();
    busybox = await MadeImages.busybox();
    await registry.start();
    await lab.sh('echo secret | docker login --username tester --password-stdin "$1" 2>/dev/null', REGISTRY);
  });
  afterAll(async () => {
    await lab.sh('docker logout "$1"; rmdir --ignore-fail-on-non-empty ~/.docker || :', REGISTRY);
    await registry.stop();
    made.cleanUp();
    await lab.sh('docker image ls --quiet "127.0.0.1:5000/*/*" | xargs -r docker rmi -f >/dev/null');
    const after = await inventory();
    await stopDocker();
    expect(after).toBe(before);
  });

  test('stays when its tag moves; that shows on request, and is followed on request', async () => {
    const deployment = new Deployment('docker-tags', (on: Host) => {
      new DockerService(on, 'dt-web', { image: REFERENCE, stopTimeout: '1s' });
    });
    const { manifests, asset } = deployment;
    const checked = async () => {
      const state = await observe(host(), { services: [], manifests, checkTags: true });
      return manifests.flatMap((manifest) => planService(state, manifest).steps);
    };
    const seen = () => lab.sh('docker exec "$(cat /run/bulkhead/docker/dt-web/container)" cat /version');
    try {
      const first = await registry.push(version('one'), REFERENCE);
      await deployment.apply();
      expect(await seen()).toBe('one');
      expect(await checked()).toEqual([]);

      const second = await registry.push(version('two'), REFERENCE);
      expect(await deployment.differences()).toEqual([]);
      const moved = `is ${first.slice(0, 19)}, and ${REFERENCE} is ${second.slice(0, 19)} by now`;
      const said = (await checked()).map(({ verb, kind, reason }) => `${verb} ${kind}: ${reason}`);
      expect(said).toEqual(
        expect.arrayContaining(['load', 'place', 'make'].map((verb) => `${verb} objects: ${moved}`)),
      );
      const errors = await apply(host(), { manifests, remove: [] }, { asset, checkTags: true });
      expect([...errors.values()].filter(Boolean)).toEqual([]);
      expect(await seen()).toBe('two');
      expect(await checked()).toEqual([]);
    } finally {
      await deployment.destroy();
      deployment.cleanUp();
    }
  });
});
