import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Image } from 'bulkhead';
import { containerImage, userIn } from '../../../lib/constructs/props/container-image';
import { temporaryDirectory } from '../testing';

const PASSWD = 'root:x:0:0::/root:/bin/sh\nwww-data:x:33:34::/:/bin/sh\nodd:x:-1:0::/:\n';
const GROUP = 'root:x:0:\nstaff:x:50:other,www-data\nwww-data:x:34:www-data\n';

function image(): Image {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/passwd'), PASSWD);
  writeFileSync(join(root, 'etc/group'), GROUP);
  return Image.directory(root);
}

const user = (name: string, of = image()) => userIn(containerImage(of, 'web.image'), name, 'web.user');

test.each([
  ['1000', { uid: 1000, gid: 1000 }],
  ['1000:5', { uid: 1000, gid: 5 }],
  ['root', { uid: 0, gid: 0 }],
  ['0:root', { uid: 0, gid: 0 }],
  ['www-data', { uid: 33, gid: 34, additionalGids: [50] }],
  ['www-data:staff', { uid: 33, gid: 50 }],
  ['www-data:7', { uid: 33, gid: 7 }],
  ['7:staff', { uid: 7, gid: 50 }],
])('%s is the user of the image that has that name', (name, expected) => {
  expect(user(name)).toEqual(expected);
});

test.each([
  ['web', 'Cannot run as "web": the image has no user "web", expected a number, or one of root, www-data, odd'],
  ['www-data:web', 'the image has no group "web", expected a number, or one of root, staff, www-data'],
  ['odd', 'the image has no user "odd"'],
  ['', 'is not a user'],
  ['a:b:c', 'is not a user'],
])('%s is refused', (name, message) => {
  expect(() => user(name)).toThrow(message);
});

test('names of an image that the host pulls are refused, and numbers are not', () => {
  const pulled = Image.oci('docker.io/library/caddy:2');
  expect(user('1000', pulled)).toEqual({ uid: 1000, gid: 1000 });
  expect(() => user('caddy', pulled)).toThrow(
    'Cannot run as "caddy": names are not known until the host has pulled the image, expected numbers such as "1000" or "1000:1000" (at web.user)',
  );
});
