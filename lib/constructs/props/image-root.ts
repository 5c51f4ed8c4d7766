import { createHash } from 'node:crypto';
import { type RootExtras, sharedRootDirectory, sharedRootName } from '../../archives/shared-root-name';
import { type ObjectPart, objectKey, type Requirement } from '../../manifest/index';
import { fail } from '../problem';
import type { Asset } from './assets';
import { Image } from './image';
import { imageFile } from './image-file';
import { type ImageConfig, ofArchitecture } from './oci-archive';
import { exactReference } from './reference';

/** The root file system of an image on a host, which all services that need the same one share, and what its image says. */
export interface ImageRoot {
  /**
   * Directory of the host that is the root: `/var/lib/bulkhead/images/DIGEST/root`. Nobody but root of the host can
   * enter the directories above. It belongs to root with the owners and modes of the image, and others use it as well, so
   * that nothing may be written into it or have its owner changed: mount it read-only.
   *
   * It has mount points for /dev, /proc, /run, /sys, /tmp, /var/tmp, /etc/hostname, /etc/hosts, /etc/machine-id and
   * /etc/resolv.conf, whatever the image has.
   */
  readonly directory: string;
  /** Key of its object, for `restartOn` of the unit that runs in it. */
  readonly key: string;
  /** Its entry for the `objects` of the manifest. The engine brings it to the host, and checks the architecture. */
  readonly objects: Readonly<Record<string, ObjectPart>>;
  /** Files of this machine that it is made from, for the `assets` of the service. */
  readonly assets: readonly Asset[];
  /** Programs of the host that bring it. */
  readonly requires: Readonly<Record<string, Requirement>>;
  /** How to run what is in it; undefined for an image that is nothing but files, or that the host pulls. */
  readonly config: ImageConfig | undefined;
}

/** Programs of a host that pull images for runtimes that have no client of their own. */
export const PULLS: Readonly<Record<string, Requirement>> = { skopeo: { why: 'to pull images' } };

/** Where {@link ImageRoot}s lie on a host. */
const IMAGES = '/var/lib/bulkhead/images';

/**
 * The root of an image for a service. Reads the texts of an archive and its digest alone, however large it is.
 * @param mountPoints Absolute paths that the service mounts something on, such as the targets of its volumes. Where the
 * image has nothing there, whoever mounts makes a file or directory in the root. So services with other mount points
 * get another root, made of hard links to the same files.
 * @param at Construct path of the prop, for messages.
 * @param extras Files that come to it where the image has none, and what its directory is called.
 * @throws Error for an image that has no root, or whose file is not what it should be
 */
export function imageRoot(
  image: unknown,
  mountPoints: readonly string[],
  at: string,
  extras: Pick<RootExtras, 'files' | 'label' | 'bare'> = {},
): ImageRoot {
  const { digest, asset, requires, config, ...source } = sourceOf(image, at);
  const points = [...new Set(mountPoints)].sort();
  for (const point of points) checkMountPoint(point, at);
  const { files, label, bare } = extras;
  const name = sharedRootName(digest, { mountPoints: points, ...extras });
  const key = objectKey('image-root', name);
  const spec = {
    ...source.spec,
    ...(bare ? { bare: 'true' } : {}),
    ...(points.length === 0 ? {} : { mountPoints: points.join('\n') }),
    ...(files === undefined ? {} : { files: JSON.stringify(files) }),
    ...(label === undefined ? {} : { label }),
  };
  return {
    directory: `${IMAGES}/${name}/${sharedRootDirectory(extras)}`,
    key,
    objects: { [key]: { ...(asset && { asset: asset.digest }), spec } },
    assets: asset ? [asset] : [],
    requires,
    config,
  };
}

interface Source extends Pick<ImageRoot, 'requires' | 'config'> {
  readonly digest: string;
  readonly asset?: Asset;
  readonly spec: Readonly<Record<string, string>>;
}

function sourceOf(image: unknown, at: string): Source {
  const checked = Image.check(image, ['oci', 'oci-archive', 'tar', 'directory', 'debian'], at);
  if (checked.format === 'oci') {
    const reference = exactReference(checked.source, at);
    const digest = createHash('sha256').update(reference).digest('hex');
    const requires = { ...PULLS, umoci: { why: 'to unpack images that are pulled' } };
    return { digest, spec: { reference }, requires, config: undefined };
  }
  const { asset, format, architecture, read } = imageFile(checked, at);
  const spec = { format, ...ofArchitecture(architecture) };
  return { digest: read?.digest ?? asset.digest, asset, spec, requires: {}, config: read?.config };
}

function checkMountPoint(path: string, at: string): void {
  if (path.startsWith('/') && !/[\n\0]/.test(path)) return;
  fail({
    action: 'mount on',
    value: path,
    problem: 'no root of an image can have that path',
    expected: 'an absolute path without line breaks',
    at,
  });
}
