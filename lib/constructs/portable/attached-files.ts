import { posix } from 'node:path';
import { type ObjectPart, objectKey } from '../../manifest/index';
import { fail } from '../problem';
import type { ImageRoot } from '../props/image-root';

/** Directory in which portablectl(1) puts the units of attached images. */
export const ATTACHED = '/etc/systemd/system.attached';

/** Directory in which portablectl(1) finds images of the administrator. */
const PORTABLES = '/etc/portables';

const PROFILES = '/usr/lib/systemd/portable/profile';

/** Files that portablectl(1) needs in an image: the unit, and an os-release(5) file with any content. */
export function imageFiles(name: string, unit: string): Readonly<Record<string, string>> {
  return {
    [`usr/lib/systemd/system/${name}.service`]: unit,
    'usr/lib/os-release': `ID=bulkhead\nPORTABLE_PREFIXES=${name}\n`,
  };
}

/** Files by which systemd-sysext(8) accepts an extension for any system. */
export function extensionFiles(label: string): Readonly<Record<string, string>> {
  return { [`usr/lib/extension-release.d/extension-release.${label}`]: 'ID=_any\n' };
}

/**
 * The drop-in that portablectl(1) writes for an attached image. portablectl uses it to find the image of a unit. So
 * portablectl's own commands show and change the service.
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

/** Links of an attached service: one to its image, for portablectl(1), and one to its profile. */
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
      [image]: { spec: { target: directory } },
    },
  };
}

/** Refuses "_" in a name, since portablectl(1) reads the rest as a version. @throws Error */
export function checkPortableName(name: string, at: string): void {
  if (!name.includes('_')) return;
  fail({
    action: 'name a portable service',
    value: name,
    problem: 'has a "_", after which portablectl expects a version',
    expected: 'a name without "_"; the name prop sets another name',
    at,
  });
}
