import { Image, PodmanService } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

/** Directories whose names the unit's file has to be careful with. */
const NAMES = ['a b', 'a"b', "a'b", 'a\\b', 'a$b', 'a%b', 'plain'].map((name) => `/srv/v-${name}`);

describeHost('volumes of a container whose paths have blanks, quotes and signs', () => {
  let before: string;
  let deployment: Deployment;
  beforeAll(async () => {
    before = await inventory();
    await lab.sh('for path; do mkdir "$path"; printf "of %s\\n" "$path" >"$path/word"; done', ...NAMES);
    deployment = new Deployment('volume-paths-test', (host) => {
      const volumes = NAMES.map((source, index) => ({ source, target: `/data/${index}` }));
      new PodmanService(host, 'v-box', {
        image: Image.ociArchive(images().ociArchive),
        command: ['/bin/sleep', 'infinity'],
        volumes,
        stopTimeout: '1s',
      });
    });
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    await lab.sh('for path; do rm -r "$path"; done', ...NAMES);
    expect(await inventory()).toBe(before);
  });

  test('are waited for, each by its own path', async () => {
    const property = 'org.freedesktop.systemd1.Unit RequiresMountsFor';
    const json = await lab.sh(
      `busctl --json=short get-property org.freedesktop.systemd1 /org/freedesktop/systemd1/unit/v_2dbox_2eservice ${property}`,
    );
    expect(JSON.parse(json).data).toEqual(expect.arrayContaining(NAMES));
  });

  test('are mounted', async () => {
    const words = await lab.sh('podman exec v-box sh -c "cat /data/*/word"');
    expect(words.trim().split('\n')).toEqual(NAMES.map((name) => `of ${name}`));
  });
});
