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
   * Files of a system: any {@link Image}, copied to /var/lib/machines/NAME.
   * @default - `raw` or `clone`
   */
  readonly image?: Image;
  /**
   * A raw disk image on this machine, such as one that mkosi or debootstick write. It is not compressed. It becomes
   * /var/lib/machines/NAME.raw, without the parts that are nothing but zeros.
   * @default - `image` or `clone`
   */
  readonly raw?: string;
  /**
   * Another image of the same host, copied once: on btrfs and xfs that takes no time and no space. Later changes of the
   * other image do not reach the clone. `machinectl clone`
   * @default - `image` or `raw`
   */
  readonly clone?: MachineImage;
  /**
   * Whether nothing may write to it, so that any number of machines can share it. For a directory, that is its top level:
   * volumes of machines with `readOnlyRoot` need a directory there that the image has. `machinectl read-only`
   * @default - true, and false for a clone
   */
  readonly readOnly?: boolean;
  /**
   * What happens to the image when it leaves the stack or is destroyed: `destroy` deletes it with all that was written
   * into it, `retain` leaves it on the host.
   * @default - 'destroy' for a read-only image, which can be made again; otherwise 'retain'
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
 * An image in the pool of systemd-machined(8), which `machinectl list-images` shows: the `image` of any number of
 * {@link NspawnMachine}s, or when it is raw the `disk` of a {@link VirtualMachine}.
 *
 * On the host: /var/lib/machines/NAME or NAME.raw. A new `image` or `raw` replaces the old one, which is kept beside it
 * as .NAME.previous until the next change. Machines that use it restart.
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
        action: 'make an image from',
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

  /** Its path on the host. */
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
  /** What it is copied from, beside the image itself. */
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
