import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Image } from 'bulkhead';
import { imageRoot } from '../../../lib/constructs/props/image-root';
import { checkObject } from '../../../lib/manifest';
import { writeOciArchive } from '../oci-image';
import { temporaryDirectory } from '../testing';

function archive(config: object = {}): Image {
  const path = join(temporaryDirectory(), 'image.tar');
  writeOciArchive(path, config);
  return Image.ociArchive(path);
}

test('two services of one image have the same root, and one with other mount points another', () => {
  const image = archive();
  const [one, same, other] = [['/b', '/a'], ['/a', '/b', '/b'], ['/a']].map((points) => imageRoot(image, points, ''));
  expect(one?.objects).toEqual(same?.objects);
  expect(one?.key).not.toBe(other?.key);
  expect(one?.directory).toBe(`/var/lib/bulkhead/images/${one?.key.replace('image-root:', '')}/root`);
});

test('its object is one that a manifest takes, and says what processor it is for', () => {
  const { key, objects, assets } = imageRoot(archive(), ['/data'], '');
  expect(objects[key]).toEqual({
    asset: assets[0]?.digest,
    spec: { format: 'oci-archive', architecture: 'amd64', mountPoints: '/data' },
  });
  expect(checkObject(key, objects[key] ?? {}, [])).toEqual([]);
});

test('an archive of an image says how to run it, and a tar archive does not', () => {
  expect(imageRoot(archive({ Cmd: ['/start'], User: 'app' }), [], '').config).toMatchObject({
    command: ['/start'],
    user: 'app',
  });
  const path = join(temporaryDirectory(), 'root.tar');
  writeFileSync(path, 'not read');
  const { key, assets, config } = imageRoot(Image.tar(path), [], '');
  expect(config).toBeUndefined();
  expect(key).toBe(`image-root:${assets[0]?.digest}`);
});

test('what is no image, or no path, is refused', () => {
  expect(() => imageRoot('caddy:2', [], 'shop/host/web.image')).toThrow(/\(at shop\/host\/web\.image\)$/);
  expect(() => imageRoot(archive(), ['/a\nb'], 'shop/host/web.volumes')).toThrow(
    'Cannot mount on "/a\\nb": the root of an image can\'t have that path, expected an absolute path without line breaks',
  );
});

test('a directory is an image of nothing but files, and another when one changes', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'a'), '1');
  const keys = [1, 2].map(() => imageRoot(Image.directory(directory), [], '').key);
  expect(keys[0]).toBe(keys[1]);
  writeFileSync(join(directory, 'a'), '2');
  expect(imageRoot(Image.directory(directory), [], '').key).not.toBe(keys[0]);
  expect(() => imageRoot(Image.directory('/nowhere'), [], 'shop/host/web.image')).toThrow(
    /^Cannot read directory "\/nowhere": .*, expected a directory on this machine \(at shop\/host\/web\.image\)$/,
  );
});

test('names that Debian does not give are refused', () => {
  expect(() => Image.debian('trixie', ['--hook=x'])).toThrow('Cannot install "--hook=x": is not a name in Debian');
  expect(() => Image.debian('../x')).toThrow('Cannot install "../x"');
  expect(Image.debian('trixie', ['nginx'])).toMatchObject({ source: 'trixie', packages: ['nginx'] });
});

test('one that the host pulls is named by its reference, and needs what pulls it', () => {
  const digest = 'f'.repeat(64);
  const [tag, other, exact] = ['caddy:2', 'caddy:3', `caddy:2@sha256:${digest}`].map((name) =>
    imageRoot(Image.oci(`docker.io/library/${name}`), ['/data'], ''),
  );
  expect(tag?.objects).toEqual({
    [tag?.key ?? '']: { spec: { reference: 'docker.io/library/caddy:2', mountPoints: '/data' } },
  });
  expect(checkObject(tag?.key ?? '', tag?.objects[tag.key] ?? {}, [])).toEqual([]);
  expect(new Set([tag?.key, other?.key, exact?.key]).size).toBe(3);
  expect(Object.values(exact?.objects ?? {})[0]?.spec?.reference).toBe(`docker.io/library/caddy@sha256:${digest}`);
  expect(Object.keys(tag?.requires ?? {})).toEqual(['skopeo', 'umoci']);
  expect(tag?.config).toBeUndefined();
  expect(() => imageRoot(Image.oci('docker.io/library/caddy'), [], 'shop/host/web.image')).toThrow(
    'Cannot run image "docker.io/library/caddy": is not a full reference, expected a full reference with its tag or digest, such as "docker.io/library/caddy:2" (at shop/host/web.image)',
  );
});
