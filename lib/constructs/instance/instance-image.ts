import { type InstanceEngine, type ObjectPart, objectKey, type Requirement } from '../../manifest/index';
import { fail } from '../problem';
import type { Asset } from '../props/assets';
import { checkPulledCommand } from '../props/command';
import { type ContainerImage, containerImage } from '../props/container-image';
import { Image } from '../props/image';
import { imageFile } from '../props/image-file';
import { imageRoot } from '../props/image-root';
import type { InstanceProps } from './instance-props';

/** The image that an instance is made from. */
export interface InstanceImage {
  /** Name among the images of Bulkhead: the name of the root that the image is made from, or its digest. */
  readonly name: string;
  readonly objects: Readonly<Record<string, ObjectPart>>;
  readonly assets: readonly Asset[];
  readonly requires: Readonly<Record<string, Requirement>>;
  /** How to run the image. Undefined for a virtual machine. */
  readonly container: ContainerImage | undefined;
}

/** @throws Error for an image that does not fit the type, and for an image that can't be read */
export function instanceImage(
  { image, command }: InstanceProps,
  { name: engine }: InstanceEngine,
  type: 'container' | 'virtual-machine',
  at: string,
): InstanceImage {
  if (type === 'virtual-machine') return guestImage(image, engine, at);
  const container = containerImage(image, `${at}.image`);
  checkPulledCommand(container.image, command, at);
  const { key, objects, assets, requires } = imageRoot(image, [], `${at}.image`);
  const name = key.replace('image-root:', '');
  return { name, objects: { ...objects, [objectKey(`${engine}-image`, name)]: {} }, assets, requires, container };
}

/** A virtual machine boots a disk. Only images in the engine's own format have one. */
function guestImage(image: Image, engine: InstanceEngine['name'], at: string): InstanceImage {
  if (image instanceof Image && image.format !== 'tar')
    fail({
      action: 'run image',
      value: image.source,
      problem: 'has a root file system, but no disk that a virtual machine can boot',
      expected: 'Image.tar(path) of a tar archive with metadata.yaml and rootfs.img, a disk in qcow2',
      at: `${at}.image`,
    });
  const { asset } = imageFile(image, `${at}.image`);
  const name = asset.digest;
  const objects = { [objectKey(`${engine}-image`, name)]: { asset: name } };
  return { name, objects, assets: [asset], requires: {}, container: undefined };
}
