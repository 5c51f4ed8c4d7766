import type { Construct } from 'constructs';
import type { ImageSection } from '../../directives/index';
import { type ObjectPart, objectKey } from '../../manifest/index';
import { Token } from '../cdktf';
import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';
import { checkReference } from '../props/reference';
import { checkRemovalPolicy, type RemovalPolicy } from '../props/removal-policy';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { PodmanResource } from './podman-resource';
import type { QuadletProps } from './quadlet';
import type { RootlessProps } from './rootless';

export interface PodmanImageProps extends ManagedProps, RootlessProps, QuadletProps<'Image', ImageSection> {
  /**
   * Full reference of the image with its registry, such as `docker.io/library/caddy:2`, or a file of the host, such as
   * `oci-archive:/srv/app.tar`. Becomes Image=.
   */
  readonly image: string;
  /**
   * Name of the image inside the file. Required when `image` is a file, and refused otherwise. Becomes ImageTag=.
   * @default - `image`
   */
  readonly tag?: string;
  /**
   * What happens to the image when it leaves the stack. `retain` keeps it in podman's store, where others may use it.
   * `destroy` removes it, and fails while another container uses it.
   * @default 'retain'
   */
  readonly removalPolicy?: RemovalPolicy;
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
 * An image that the host pulls before its containers start, also at boot: the `image` of a {@link PodmanService}. Use
 * it to give the pull credentials or retries in `directives`.
 *
 * On the host: /etc/containers/systemd/NAME.image, from which systemd generates NAME-image.service.
 * @see podman-pull(1)
 */
export class PodmanImage extends PodmanResource {
  /** Name of the image in podman's store. */
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
        problem: isFile ? 'is a file, and its name in podman is not known' : 'already has a name',
        expected: isFile ? 'the tag that the file has' : 'no tag',
        at: `${at}.tag`,
      });
    this.reference = checkReference(tag ?? image, `${at}.${isFile ? 'tag' : 'image'}`);
    this.directives
      .prop('image', 'Image', { Image: image })
      .prop('tag', 'Image', { ImageTag: tag })
      .byHand(props.directives);
    this.complete();
  }

  protected override objects(): Readonly<Record<string, ObjectPart>> {
    const part = { unit: this.unitName, ...(this.retain ? { retain: true } : {}) };
    return imageObject(this.reference, part);
  }
}

/** An image in podman's store, when its name identifies it there. */
export function imageObject(reference: string, part: ObjectPart): Readonly<Record<string, ObjectPart>> {
  if (Token.isUnresolved(reference) || reference.includes('@')) return {};
  const tagged = /:[^/]+$/.test(reference) ? reference : `${reference}:latest`;
  return { [objectKey('podman-image', tagged)]: part };
}
