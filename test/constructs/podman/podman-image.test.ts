import { PodmanImage, type PodmanImageProps, PodmanService } from 'bulkhead';
import { host, section, textOf } from '../testing';

const PATH = '/etc/containers/systemd/app.image';
const IMAGE = 'docker.io/library/caddy:2';
const make = (props: Partial<PodmanImageProps> = {}, scope = host()) =>
  new PodmanImage(scope, 'app', { image: IMAGE, ...props });

test('an image is pulled by a unit, which is active for as long as podman has it', () => {
  expect(textOf(make(), PATH)).toBe(`[Unit]
Description=image app

[Image]
Image=docker.io/library/caddy:2

[Install]
WantedBy=multi-user.target
`);
  expect(make().manifest).toMatchObject({
    objects: { [`podman-image:${IMAGE}`]: { unit: 'app-image.service', retain: true } },
    units: { 'app-image.service': { state: 'active' } },
  });
});

test('it goes with the service where it says so', () => {
  expect(make({ removalPolicy: 'destroy' }).manifest.objects).toEqual({
    [`podman-image:${IMAGE}`]: { unit: 'app-image.service' },
  });
});

test.each<[Partial<PodmanImageProps>, string[]]>([
  [{ image: 'localhost:5000/a/b' }, ['podman-image:localhost:5000/a/b:latest']],
  [{ image: 'oci-archive:/srv/a.tar', tag: 'localhost/a:1' }, ['podman-image:localhost/a:1']],
  [{ image: `docker.io/library/caddy@sha256:${'0'.repeat(64)}` }, []],
])('%j is found in podman as %j', (props, keys) => {
  expect(Object.keys(make(props).manifest.objects)).toEqual(keys);
});

test('an image out of a file has the name that the file says', () => {
  const image = make({ image: 'oci-archive:/srv/a.tar', tag: 'localhost/a:1' });
  expect(section(textOf(image, PATH), 'Image')).toEqual(['Image=oci-archive:/srv/a.tar', 'ImageTag=localhost/a:1']);
  expect(image.reference).toBe('localhost/a:1');
});

test('a container that runs it starts after it, and restarts when it changes', () => {
  const scope = host();
  const image = make({}, scope);
  const web = new PodmanService(scope, 'web', { image });
  const text = textOf(web, '/etc/containers/systemd/web.container');
  expect(section(text, 'Container')).toContain('Image=app.image');
  expect(section(text, 'Unit')).toEqual(['Description=web', 'StartLimitIntervalSec=0']);
  expect(web.dependencies).toEqual([image]);
  expect(web.manifest.units['web.service']?.triggers).toHaveProperty(['app.image']);
});

test.each<[Partial<PodmanImageProps>, string]>([
  [{ image: 'caddy' }, 'Cannot run image "caddy": names no registry'],
  [{ image: 7 as never }, 'Cannot run image 7: is not an image'],
  [
    { image: 'oci-archive:/srv/a.tar' },
    'Cannot pull "oci-archive:/srv/a.tar": is a file, and its name in podman is not known, expected the tag that the file has (at shop/host/app.tag)',
  ],
  [{ tag: 'localhost/a:1' }, 'already has a name, expected no tag'],
  [{ removalPolicy: 'keep' as never }, 'is not a removal policy'],
  [{ directives: { Image: { Image: 'x' } } }, 'already set by image'],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('an image of another host is refused', () => {
  expect(() => new PodmanService(host({ address: 'ssh://db.example' }), 'web', { image: make() })).toThrow(
    'podman does not reach across hosts (at shop/host/web.image)',
  );
});
