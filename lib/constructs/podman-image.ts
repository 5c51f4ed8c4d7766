import type { Construct } from 'constructs';
import type { ImageSection, InstallSection, QuadletFile, ServiceSection, UnitSection } from '../directives';
import type { ObjectPart } from '../manifest';
import { Token } from './cdktf';
import type { KnownProps } from './known-props';
import { PodmanResource } from './podman-resource';
import { checkRemovalPolicy, type RemovalPolicy } from './podman-volume';
import { fail } from './problem';
import type { RootlessProps } from './rootless';
import { MANAGED_PROPS, type ManagedProps } from './service-props';

export interface PodmanImageProps extends ManagedProps, RootlessProps {
  /**
   * A reference with its registry (`docker.io/library/caddy:2`), or a file of the host such as `oci-archive:/srv/app.tar`.
   * Image=
   */
  readonly image: string;
  /**
   * The name that the image has inside of the file. Only for an `image` that is one. ImageTag=
   * @default - `image`
   */
  readonly tag?: string;
  /**
   * What becomes of the image when it leaves the stack: `retain` leaves it in podman's store, where others may use it;
   * `destroy` removes it, which fails while another container uses it.
   * @default 'retain'
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Any key of the Quadlet file, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
   * @see podman-systemd.unit(5), podman-pull(1)
   */
  readonly directives?: {
    readonly Unit?: UnitSection;
    readonly Image?: ImageSection;
    readonly Quadlet?: NonNullable<QuadletFile['Quadlet']>;
    readonly Service?: ServiceSection;
    readonly Install?: InstallSection;
  };
}

const PROPS: KnownProps<PodmanImageProps> = {
  ...MANAGED_PROPS,
  rootless: true,
  image: true,
  tag: true,
  removalPolicy: true,
  directives: true,
};

const FILE = /^(?:oci|docker)-archive:|^(?:oci|dir):/;

/**
 * An image that the host pulls before the containers that run it start, at boot, too: the `image` of a
 * {@link PodmanService}. Pulling is what gets a registry's credentials and retries.
 *
 * On the host: /etc/containers/systemd/NAME.image, which systemd makes NAME-image.service of.
 */
export class PodmanImage extends PodmanResource {
  /** Its name in podman's store. */
  readonly reference: string;
  private readonly retain: boolean;

  constructor(scope: Construct, id: string, props: PodmanImageProps) {
    super(scope, id, 'image', props, PROPS);
    const at = this.node.path;
    const { image, tag } = props;
    this.retain = checkRemovalPolicy(props.removalPolicy, at) === 'retain';
    const isFile = typeof image === 'string' && FILE.test(image);
    if (isFile !== (tag !== undefined))
      fail({
        action: 'pull',
        value: image,
        problem: isFile ? 'is a file, whose name in podman is not known' : 'has a name already',
        expected: isFile ? 'the tag that the file says' : 'no tag',
        at: `${at}.tag`,
      });
    this.reference = checkReference(tag ?? image, `${at}.${isFile ? 'tag' : 'image'}`);
    this.directives
      .prop('image', 'Image', { Image: image })
      .prop('tag', 'Image', { ImageTag: tag })
      .byHand(props.directives);
    this.check();
  }

  protected override objects(): Readonly<Record<string, ObjectPart>> {
    const part = { unit: this.unitName, ...(this.retain ? { retain: true } : {}) };
    return imageObject(this.reference, part);
  }
}

/** An image in podman's store, where it can be found by its name. */
export function imageObject(reference: string, part: ObjectPart): Readonly<Record<string, ObjectPart>> {
  if (Token.isUnresolved(reference) || reference.includes('@')) return {};
  const tagged = /:[^/]+$/.test(reference) ? reference : `${reference}:latest`;
  return { [`image:${tagged}`]: part };
}

/** A name without a registry means something else on each host, and podman may ask which. @throws Error */
export function checkReference(image: string, at: string): string {
  if (typeof image !== 'string')
    return fail({ action: 'run image', value: image, problem: 'is no image', expected, at });
  if (Token.isUnresolved(image) || /^(?:[^/\s]*[.:][^/\s]*|localhost)\/\S+$/.test(image)) return image;
  return fail({ action: 'run image', value: image, problem: 'names no registry', expected, at });
}

const expected = 'a full reference such as "docker.io/library/caddy:2"';
