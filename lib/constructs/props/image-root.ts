import { createHash } from 'node:crypto';
import { type RootExtras, sharedRootDirectory, sharedRootName } from '../../archives/shared-root-name';
import { type ObjectPart, objectKey, type Requirement } from '../../manifest/index';
import { fail } from '../problem';
import type { Asset } from './assets';
import { Image } from './image';
import { imageFile } from './image-file';
import { type ImageConfig, ofArchitecture } from './oci-archive';
import { exactReference } from './reference';

/** The root file system of an image on a host. All services that need the same root share it. */
export interface ImageRoot {
  /**
   * Directory of the root on the host: `/var/lib/bulkhead/images/DIGEST/root`. Only root of the host can enter the
   * directories above. The files have the owners and modes of the image. Other services use the same files, so never
   * write into the directory or change an owner there: mount it read-only.
   *
   * The root has mount points for /dev, /proc, /run, /sys, /tmp, /var/tmp, /etc/hostname, /etc/hosts, /etc/machine-id
   * and /etc/resolv.conf, whether the image has them or not.
   */
  readonly directory: string;
  /** Key of the root's object, for `restartOn` of the unit that runs in the root. */
  readonly key: string;
  /** Entry for the `objects` of the manifest. The engine brings the root to the host and checks its architecture. */
  readonly objects: Readonly<Record<string, ObjectPart>>;
  /** Files of this machine that the root is made from, for the `assets` of the service. */
  readonly assets: readonly Asset[];
  /** Programs of the host that the engine needs for this. */
  readonly requires: Readonly<Record<string, Requirement>>;
  /** How to run the image. Undefined when the image has files only, and when the host pulls the image. */
  readonly config: ImageConfig | undefined;
}

/** Programs that a host needs to pull images for a runtime that has no client of its own. */
export const PULLS: Readonly<Record<string, Requirement>> = { skopeo: { why: 'to pull images' } };

/** Directory of the {@link ImageRoot}s on a host. */
const IMAGES = '/var/lib/bulkhead/images';

/**
 * Returns the root of an image for a service. Only the digest and the metadata of an archive are read, however large
 * the archive is.
 * @param mountPoints Absolute paths that the service mounts something on, such as the targets of its volumes. If the
 * image has nothing at such a path, the program that mounts would create a file or directory in the shared root. So
 * services with different mount points get separate roots, made of hard links to the same files.
 * @param at Construct path of the prop, for messages.
 * @param extras Files to add where the image has none, and the name of the root's directory.
 * @throws Error for an image that has no root, and for an invalid image file
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
    problem: "the root of an image can't have that path",
    expected: 'an absolute path without line breaks',
    at,
  });
}
