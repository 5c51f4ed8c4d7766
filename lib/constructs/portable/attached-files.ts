import { posix } from 'node:path';
import { type ObjectPart, objectKey } from '../../manifest/index';
import { fail } from '../problem';
import type { ImageRoot } from '../props/image-root';

/** Where portablectl(1) puts the units of images that it attaches. */
export const ATTACHED = '/etc/systemd/system.attached';

/** Where portablectl(1) finds images of the administrator. */
const PORTABLES = '/etc/portables';

const PROFILES = '/usr/lib/systemd/portable/profile';

/** Files that portablectl(1) needs in an image, beside its unit. It wants no more of os-release(5) than to be there. */
export function imageFiles(name: string, unit: string): Readonly<Record<string, string>> {
  return {
    [`usr/lib/systemd/system/${name}.service`]: unit,
    'usr/lib/os-release': `ID=bulkhead\nPORTABLE_PREFIXES=${name}\n`,
  };
}

/** Files by which systemd-sysext(8) knows an extension of any system. */
export function extensionFiles(label: string): Readonly<Record<string, string>> {
  return { [`usr/lib/extension-release.d/extension-release.${label}`]: 'ID=_any\n' };
}

/**
 * The drop-in that portablectl(1) writes for an image that it attaches, by which it knows whose a unit is. So its own
 * commands show and change the service as one of theirs.
 */
export function portableDropIn(root: ImageRoot, extensions: readonly ImageRoot[]): string {
  const images = [root, ...extensions].map(({ directory }) => directory);
  const image = posix.basename(root.directory);
  return [
    `# Drop-in created for image '${images.join(':')}', do not edit.`,
    '',
    '[Service]',
    `RootDirectory=${root.directory}`,
    ...extensions.map(({ directory }) => `ExtensionDirectories=${directory}`),
    `Environment=PORTABLE=${image}`,
    `LogExtraFields=PORTABLE=${image}`,
    '',
  ].join('\n');
}

/** Links of an attached service: by one portablectl(1) finds its image, the other is its profile. */
export function attachedLinks(
  name: string,
  profile: string,
  { directory }: ImageRoot,
): { readonly links: Readonly<Record<string, ObjectPart>>; readonly profileKey: string } {
  const profileKey = objectKey('link', `${ATTACHED}/${name}.service.d/10-profile.conf`);
  const image = objectKey('link', `${PORTABLES}/${posix.basename(directory)}`);
  return {
    profileKey,
    links: {
      [profileKey]: { spec: { target: `${PROFILES}/${profile}/service.conf` } },
      [image]: { spec: { target: directory, previous: 'kept' } },
    },
  };
}

/** portablectl(1) takes what comes after "_" for the version. @throws Error */
export function checkPortableName(name: string, at: string): void {
  if (!name.includes('_')) return;
  fail({
    action: 'name a portable service',
    value: name,
    problem: 'has a "_", after which portablectl expects a version',
    expected: 'a name without; the name prop sets another',
    at,
  });
}
