import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { readImage } from '../../../lib/constructs/props/oci-archive';
import { writeOciArchive } from '../oci-image';
import { temporaryDirectory } from '../testing';

test('an image without any configuration runs nothing', () => {
  const path = join(temporaryDirectory(), 'image.tar');
  const { id } = writeOciArchive(path, {});
  expect(readImage(path, '').config).toEqual({
    id,
    architecture: 'amd64',
    entrypoint: [],
    command: [],
    environment: {},
    workingDirectory: undefined,
    user: undefined,
  });
});

test('another kind of tar file is refused', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'index.json'), '{"manifests":[]}');
  const path = join(directory, 'x.tar');
  create({ file: path, cwd: directory, sync: true }, ['index.json']);
  expect(() => readImage(path, 'shop/host/db.image')).toThrow(
    /^Cannot read image .*: holds 0 images, expected an OCI archive with one image \(at shop\/host\/db\.image\)$/,
  );
  create({ file: path, cwd: directory, sync: true, prefix: 'other' }, ['index.json']);
  expect(() => readImage(path, '')).toThrow('has no index.json');
});
