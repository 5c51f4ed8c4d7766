import type { Construct } from 'constructs';
import { type ObjectPart, objectKey, type Requirement } from '../../manifest/index';
import { fail } from '../problem';
import { type Asset, assetOf } from '../props/assets';
import type { Image } from '../props/image';
import { imageRoot } from '../props/image-root';
import type { KnownProps } from '../props/known-props';
import type { ImageConfig } from '../props/oci-archive';
import { checkRemovalPolicy, type RemovalPolicy } from '../props/removal-policy';
import type { StoredImage } from '../props/stored-image';
import { checkMachineName } from '../service/machined';
import { type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';

export interface MachineImageProps extends ManagedProps {
  /**
   * Root file system of the image: any {@link Image}, copied to /var/lib/machines/NAME. Set one of `image`, `raw` and
   * `clone`.
   * @default - `raw` or `clone` is used
   */
  readonly image?: Image;
  /**
   * Path of a raw disk image on this machine, as mkosi or debootstick write it, uncompressed. It becomes
   * /var/lib/machines/NAME.raw. Blocks of zeros take no space there.
   * @default - `image` or `clone` is used
   */
  readonly raw?: string;
  /**
   * Another image of the same host to copy once. On btrfs and xfs the copy takes no time and no space. Later changes of
   * the other image do not reach the clone. Same as `machinectl clone`.
   * @default - `image` or `raw` is used
   */
  readonly clone?: MachineImage;
  /**
   * Makes the image read-only, so that any number of machines can share it. For a directory, this protects its top
   * level: a volume of a machine with `readOnlyRoot` needs a mount point that the image has. Same as `machinectl
   * read-only`.
   * @default - true; false for a clone
   */
  readonly readOnly?: boolean;
  /**
   * What happens to the image when it leaves the stack or is destroyed. `destroy` deletes it with all files that were
   * written to it. `retain` keeps it on the host.
   * @default - `destroy` for a read-only image, which can be created again; otherwise `retain`
   */
  readonly removalPolicy?: RemovalPolicy;
}

const PROPS: KnownProps<MachineImageProps> = {
  ...MANAGED_PROPS,
  image: true,
  raw: true,
  clone: true,
  readOnly: true,
  removalPolicy: true,
};

/**
 * An image in the pool of systemd-machined(8), which `machinectl list-images` shows. It is the `image` of any number of
 * {@link NspawnMachine}s, or, when it is raw, the `disk` of a {@link VirtualMachine}.
 *
 * On the host: /var/lib/machines/NAME or NAME.raw. A new `image` or `raw` replaces the old one, which is kept beside it
 * as .NAME.previous until the next change. Machines that use the image restart.
 * @see machinectl(1)
 */
export class MachineImage extends Service implements StoredImage {
  readonly unitName = undefined;
  readonly storedAs: 'directory' | 'raw';
  readonly readOnly: boolean;
  readonly config: ImageConfig | undefined;
  override readonly assets: readonly Asset[];
  private readonly part: ObjectPart;
  private readonly source: ImageSource;

  constructor(scope: Construct, id: string, props: MachineImageProps) {
    super(scope, id, 'machined', props, PROPS);
    const at = this.node.path;
    checkMachineName(this.serviceName, at);
    const { image, raw, clone } = props;
    const given = Object.entries({ image: image?.source ?? image, raw, clone: clone?.node?.path ?? clone });
    const sources = given.filter(([, value]) => value !== undefined);
    if (sources.length !== 1)
      fail({
        action: 'create an image from',
        value: Object.fromEntries(sources),
        problem: sources.length === 0 ? 'nothing is given' : 'more than one is given',
        expected: 'one of image, raw and clone',
        at,
      });
    this.readOnly = props.readOnly ?? clone === undefined;
    const retain = checkRemovalPolicy(props.removalPolicy ?? (this.readOnly ? 'destroy' : 'retain'), at) === 'retain';
    const source = sourceOf(this, props, at);
    this.storedAs = source.storedAs;
    this.config = source.config;
    this.assets = source.assets;
    const spec = { ...source.spec, readOnly: String(this.readOnly) };
    const { asset } = source;
    this.part = { ...(asset === undefined ? {} : { asset }), ...(retain ? { retain } : {}), spec };
    this.source = source;
    if (clone) this.require(clone);
    this.complete();
  }

  /** Path on the host. */
  get usedAs(): string {
    return `/var/lib/machines/${this.serviceName}${this.storedAs === 'raw' ? '.raw' : ''}`;
  }

  get fingerprint(): string {
    const { image, clone } = this.part.spec ?? {};
    return this.part.asset ?? image ?? `clone of ${clone}`;
  }

  protected override parts(): Parts {
    const { objects, requires = {} } = this.source;
    return { objects: { ...objects, [objectKey('machine-image', this.serviceName)]: this.part }, requires };
  }
}

interface ImageSource extends Pick<MachineImage, 'storedAs' | 'config' | 'assets'> {
  readonly asset?: string;
  /** Objects that the image is copied from, beside the image itself. */
  readonly objects?: Readonly<Record<string, ObjectPart>>;
  readonly requires?: Readonly<Record<string, Requirement>>;
  readonly spec: Readonly<Record<string, string>>;
}

function sourceOf(self: MachineImage, { image, raw, clone }: MachineImageProps, at: string): ImageSource {
  if (clone !== undefined) {
    if (!(clone instanceof MachineImage) || clone.host.address !== self.host.address)
      return fail({
        action: 'clone',
        value: clone instanceof MachineImage ? clone.node.path : clone,
        problem: clone instanceof MachineImage ? `is on ${clone.host.node.path}` : 'is not a MachineImage',
        expected: `a MachineImage on ${self.host.node.path}`,
        at: `${at}.clone`,
      });
    const { storedAs, config, serviceName } = clone;
    return { storedAs, config, assets: [], spec: { clone: serviceName } };
  }
  if (raw !== undefined) {
    const asset = assetOf(raw, 'read image', `${at}.raw`);
    return { storedAs: 'raw', config: undefined, assets: [asset], asset: asset.digest, spec: {} };
  }
  const of = imageRoot(image, [], `${at}.image`, { bare: true });
  const { config, assets, objects, requires } = of;
  return {
    storedAs: 'directory',
    config,
    assets,
    objects,
    requires,
    spec: { image: of.key.replace('image-root:', '') },
  };
}
