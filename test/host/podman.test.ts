import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigFile,
  type Host,
  Image,
  PodmanBuild,
  PodmanImage,
  PodmanKube,
  PodmanNetwork,
  PodmanPod,
  PodmanService,
  PodmanVolume,
} from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

const image = () => Image.ociArchive(images().ociArchive);
const FOREVER = ['/bin/sh', '-c', 'exec sleep infinity'];

/** Applies a stack, hands it over, destroys it, and looks whether anything of it is left. */
async function deployed(build: (host: Host) => void, look: (deployment: Deployment) => Promise<void>): Promise<void> {
  const before = await inventory();
  const deployment = new Deployment('podman-test', build);
  try {
    await deployment.apply();
    await expectNoDifferences(deployment);
    await look(deployment);
    await deployment.destroy();
    expect(await inventory()).toBe(before);
  } finally {
    await deployment.destroy();
    deployment.cleanUp();
  }
}

async function expectNoDifferences(deployment: Deployment): Promise<void> {
  expect(await deployment.differences()).toEqual([]);
  expect(await deployment.differences()).toEqual([]);
}

const fetchIn = (container: string, url: string) => lab.sh('podman exec "$1" wget -q -T 5 -O - "$2"', container, url);

describeHost('podman', () => {
  test('containers on one network reach each other by name, also after it changed', async () => {
    const build = (subnet: string) => (host: Host) => {
      const network = new PodmanNetwork(host, 'p-net', { subnet });
      new PodmanService(host, 'p-web', { image: image(), networks: [network] });
      new PodmanService(host, 'p-client', { image: image(), networks: [network], command: FOREVER, stopTimeout: '1s' });
    };
    const subnet = () => lab.sh('podman network inspect -f "{{range .Subnets}}{{.Subnet}}{{end}}" p-net');
    await deployed(build('10.91.0.0/24'), async () => {
      expect(await fetchIn('p-client', 'http://p-web/')).toContain('It works');
      expect(await subnet()).toBe('10.91.0.0/24\n');
      const changed = new Deployment('podman-test', build('10.92.0.0/24'));
      expect((await changed.plan()).map(({ name, action }) => `${name} ${action}`)).toEqual([
        'p-net update',
        'p-web update',
        'p-client update',
      ]);
      await changed.apply();
      await expectNoDifferences(changed);
      expect(await subnet()).toBe('10.92.0.0/24\n');
      expect(await fetchIn('p-client', 'http://p-web/')).toContain('It works');
      changed.cleanUp();
    });
  });

  test('a foreign network of the same name is left alone', async () => {
    await lab.sh('podman network create p-theirs');
    const deployment = new Deployment('podman-test', (host) => new PodmanNetwork(host, 'p-theirs'));
    await expect(deployment.apply()).rejects.toThrow('podman has a network of that name that Bulkhead did not create');
    await lab.sh('podman network rm p-theirs');
    deployment.cleanUp();
  });

  test('a volume keeps its data when the container is made anew', async () => {
    const build = (word: string) => (host: Host) => {
      const source = new PodmanVolume(host, 'p-data', { removalPolicy: 'destroy' });
      const command = ['/bin/sh', '-c', `echo ${word} >> /data/words; exec sleep infinity`];
      const volumes = [{ source, target: '/data' }];
      new PodmanService(host, 'p-box', { image: image(), command, volumes, stopTimeout: '1s' });
    };
    await deployed(build('one'), async () => {
      const changed = new Deployment('podman-test', build('two'));
      await changed.apply();
      await expectNoDifferences(changed);
      expect(await lab.sh('podman exec p-box cat /data/words')).toBe('one\ntwo\n');
      changed.cleanUp();
    });
  });

  test('a volume is retained unless it says otherwise, and found again', async () => {
    const deployment = new Deployment('podman-test', (host) => new PodmanVolume(host, 'p-kept'));
    const path = 'podman volume inspect -f "{{.Mountpoint}}" p-kept';
    try {
      await deployment.apply();
      await lab.sh(`echo kept > "$(${path})/file"`);
      await deployment.destroy();
      expect(await lab.sh('systemctl list-units --all --plain --no-legend p-kept-volume.service')).toBe('');
      await deployment.apply();
      await expectNoDifferences(deployment);
      expect(await lab.sh(`cat "$(${path})/file"`)).toBe('kept\n');
    } finally {
      await deployment.destroy();
      await lab.sh('podman volume rm p-kept');
      deployment.cleanUp();
    }
  });

  test('a pod publishes the port of a container, and each may restart by itself', async () => {
    const build = (host: Host) => {
      const pod = new PodmanPod(host, 'p-pod', { ports: ['127.0.0.1:8181:80'] });
      new PodmanService(host, 'p-server', { image: image(), pod });
    };
    await deployed(build, async (deployment) => {
      const page = () => lab.sh('curl -fsS --retry 5 --retry-all-errors http://127.0.0.1:8181/');
      const pod = () => lab.sh('systemctl show -P InvocationID p-pod-pod.service');
      expect(await page()).toContain('It works');
      const before = await pod();
      await lab.sh('systemctl restart p-server');
      expect(await pod()).toBe(before);
      await lab.sh('podman pod rm -f -t 0 p-pod; systemctl stop p-pod-pod');
      expect((await deployment.differences()).join()).toContain('start p-pod-pod.service');
      await deployment.apply();
      await expectNoDifferences(deployment);
      expect(await page()).toContain('It works');
    });
  });

  test('YAML of Kubernetes runs, and what is no longer in it stops', async () => {
    const build = (name: string) => (host: Host) => {
      const box = new PodmanService(host, 'p-box', { image: image() });
      const [reference] = Object.keys(box.manifest.objects).map((key) => key.replace('podman-image:', ''));
      const spec = { containers: [{ name: 'web', image: reference }] };
      const yaml = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
      new PodmanKube(host, 'p-kube', { yaml, ports: ['127.0.0.1:8182:80'], dependsOn: [box] });
    };
    const pods = () => lab.sh('podman pod ps --format "{{.Name}}"');
    await deployed(build('p-old'), async () => {
      expect(await lab.sh('curl -fsS http://127.0.0.1:8182/')).toContain('It works');
      const changed = new Deployment('podman-test', build('p-new'));
      await changed.apply();
      await expectNoDifferences(changed);
      expect(await pods()).toBe('p-new\n');
      expect(await lab.sh('curl -fsS http://127.0.0.1:8182/')).toContain('It works');
      changed.cleanUp();
    });
  });

  test('an image is pulled before the container that runs it, and again when it is gone', async () => {
    const build = (host: Host) => void new PodmanService(host, 'p-box', { image: pulled(host) });
    await deployed(build, async (deployment) => {
      expect(await fetchIn('p-box', 'http://localhost/')).toContain('It works');
      await lab.sh('systemctl stop p-box; podman image rm -f localhost/busybox:latest');
      expect(await deployment.differences()).toContain(
        'restart p-image-image.service: podman-image:localhost/busybox:latest is missing',
      );
      await deployment.apply();
      await expectNoDifferences(deployment);
      expect(await fetchIn('p-box', 'http://localhost/')).toContain('It works');
    });
  });

  test('an image is built from a directory, and anew when a file of it changes', async () => {
    const context = mkdtempSync(join(tmpdir(), 'bulkhead-context-'));
    writeFileSync(join(context, 'Containerfile'), 'FROM localhost/busybox:latest\nCOPY index.html /www/index.html\n');
    const build = (page: string) => (host: Host) => {
      writeFileSync(join(context, 'index.html'), page);
      const image = new PodmanBuild(host, 'p-build', { context, dependsOn: [pulled(host)] });
      new PodmanService(host, 'p-box', { image });
    };
    const tags = () => lab.sh('podman image ls --format "{{.Repository}}" | grep -c localhost/p-build');
    await deployed(build('one'), async () => {
      expect(await fetchIn('p-box', 'http://localhost/')).toBe('one');
      const changed = new Deployment('podman-test', build('two'));
      await changed.apply();
      await expectNoDifferences(changed);
      expect(await fetchIn('p-box', 'http://localhost/')).toBe('two');
      // The one before is kept to go back to.
      expect(await tags()).toBe('2\n');
      changed.cleanUp();
    });
    rmSync(context, { recursive: true });
  });
});

/** The image of the practice host, as a file there that podman pulls from. */
function pulled(host: Host): PodmanImage {
  const archive = new ConfigFile(host, 'p-archive', { path: '/srv/p-archive.tar', source: images().ociArchive });
  const tag = 'localhost/busybox:latest';
  return new PodmanImage(host, 'p-image', {
    image: `oci-archive:${archive.path}`,
    tag,
    removalPolicy: 'destroy',
    dependsOn: [archive],
  });
}
