import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Host, Image, MachineImage, type MachineImageProps, NspawnMachine, type NspawnMachineProps } from 'bulkhead';
import { writeOciArchive } from '../oci-image';
import { host, problemsOf, stack, temporaryDirectory, textOf } from '../testing';

function archive(): Image {
  const path = join(temporaryDirectory(), 'web.oci.tar');
  writeOciArchive(path, { Cmd: ['/bin/web'], Env: ['A=b'] });
  return Image.ociArchive(path);
}

function raw(): string {
  const path = join(temporaryDirectory(), 'disk.raw');
  writeFileSync(path, 'disk');
  return path;
}

const objectsOf = (image: MachineImage) => image.manifest.objects;
const machine = (image: MachineImage, props: Partial<NspawnMachineProps>, id = 'web') =>
  new NspawnMachine(image.host, id, { image, ...props });

test('an image is read-only, and goes with its service, since it can be made again', () => {
  const image = new MachineImage(host(), 'base', { image: archive() });
  const root = Object.keys(objectsOf(image))
    .find((key) => key.startsWith('image-root:'))
    ?.replace('image-root:', '');
  expect(objectsOf(image)['machine-image:base']).toEqual({ spec: { image: root, readOnly: 'true' } });
  expect(image.usedAs).toBe('/var/lib/machines/base');
});

test('a raw image is a disk of that name', () => {
  const image = new MachineImage(host(), 'disk', { raw: raw(), readOnly: false });
  expect(objectsOf(image)['machine-image:disk']).toMatchObject({
    retain: true,
    spec: { readOnly: 'false' },
    asset: image.assets[0]?.digest,
  });
  expect(image.usedAs).toBe('/var/lib/machines/disk.raw');
});

test('a clone can be written to, comes after its original, and is retained', () => {
  const scope = host();
  const base = new MachineImage(scope, 'base', { image: archive() });
  const clone = new MachineImage(scope, 'root', { clone: base });
  expect(objectsOf(clone)).toEqual({
    'machine-image:root': { retain: true, spec: { clone: 'base', readOnly: 'false' } },
  });
  expect(clone.dependencies).toEqual([base]);
  const lost = new MachineImage(scope, 'lost', { clone: base, removalPolicy: 'destroy' });
  expect(objectsOf(lost)['machine-image:lost']).not.toHaveProperty('retain');
});

test('machines share one that is read-only, run what it says, and restart when it changes', () => {
  const image = new MachineImage(host(), 'base', { image: archive() });
  const [one, two] = [machine(image, { readOnlyRoot: true }), machine(image, { ephemeral: true }, 'api')];
  expect(textOf(one, '/etc/systemd/system/web.service')).toContain(' --directory=/var/lib/machines/base\n');
  expect(textOf(one, '/etc/systemd/nspawn/web.nspawn')).toContain('Parameters=/bin/web\n');
  expect(one.manifest.units['web.service']?.triggers).toEqual({ '/var/lib/machines/base': image.fingerprint });
  expect(one.manifest.objects).not.toHaveProperty('machine-root:/var/lib/machines/web');
  expect([one.dependencies, two.dependencies]).toEqual([
    [image.host.network, image],
    [image.host.network, image],
  ]);
  expect(problemsOf(image.host)).toEqual([]);
});

test('only one machine can write to a clone', () => {
  const base = new MachineImage(host(), 'base', { image: archive() });
  const clone = new MachineImage(base.host, 'root', { clone: base });
  machine(clone, {});
  machine(clone, {}, 'api');
  expect(problemsOf(base.host).join()).toContain('root /var/lib/machines/root');
});

test.each<[string, () => unknown, string]>([
  [
    'an image of nothing',
    () => new MachineImage(host(), 'x', {}),
    'nothing is given, expected one of image, raw and clone',
  ],
  [
    'an image of two things',
    () => new MachineImage(host(), 'x', { image: archive(), raw: raw() }),
    'more than one is given, expected one of image, raw and clone (at shop/host/x)',
  ],
  [
    'a clone of something else',
    () => new MachineImage(host(), 'x', { clone: '/var/lib/machines/y' } as unknown as MachineImageProps),
    'Cannot clone "/var/lib/machines/y": is not a MachineImage',
  ],
  ['a name that is not valid', () => new MachineImage(host(), 'x', { raw: raw(), name: 'a_b' }), 'is not a hostname'],
  [
    'a machine that would write to what others share',
    () => machine(new MachineImage(host(), 'base', { image: archive() }), {}),
    'Cannot run in image "shop/host/base": is read-only, since machines share it, expected readOnlyRoot: true, ephemeral: true',
  ],
  [
    'a machine in a raw disk',
    () => machine(new MachineImage(host(), 'base', { raw: raw() }), { readOnlyRoot: true }),
    'is a raw disk',
  ],
  [
    'a policy for what is not its own',
    () =>
      machine(new MachineImage(host(), 'base', { image: archive() }), { readOnlyRoot: true, removalPolicy: 'retain' }),
    'expected removalPolicy of the MachineImage',
  ],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(message);
});

test('an image of another host can not be cloned', () => {
  const shop = stack();
  const [one, two] = ['one', 'two'].map((id) => new Host(shop, id, { address: `ssh://root@${id}.example` }));
  if (!one || !two) throw new Error('no hosts');
  const base = new MachineImage(one, 'base', { image: archive() });
  expect(() => new MachineImage(two, 'clone', { clone: base })).toThrow(
    'is on shop/one, expected a MachineImage on shop/two',
  );
});
