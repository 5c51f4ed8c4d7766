import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { type ObjectPart, objectKey } from '../../manifest/index';
import { Host } from '../host/host';
import type { Asset } from '../props/assets';
import { Image } from '../props/image';
import { ociArchive } from '../props/image-file';
import type { KnownProps } from '../props/known-props';
import { type ImageConfig, ofArchitecture } from '../props/oci-archive';
import { exactReference } from '../props/reference';
import { checkRemovalPolicy, type RemovalPolicy } from '../props/removal-policy';
import { type Parts, Service } from '../service/service';
import { idsBelow } from '../service/service-name';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { checkDocker } from './docker-resource';
import { DOCKER_PROGRAMS } from './programs';
import { renderImage } from './terraform';

export interface DockerImageProps extends ManagedProps {
  /**
   * The image. Docker pulls a full reference with its registry (`docker.io/library/caddy:2`, or {@link Image.oci}).
   * With a digest (`docker.io/library/caddy@sha256:...`), a reference always means the same image. From any other
   * {@link Image}, the layers that docker does not have are sent to the host.
   */
  readonly image: string | Image;
  /**
   * What happens to the image when it leaves the stack. `retain` keeps it in docker's store. `destroy` removes it, and
   * fails while another container uses it.
   * @default - `retain` for a reference, `destroy` for any other image
   */
  readonly removalPolicy?: RemovalPolicy;
}

const PROPS: KnownProps<DockerImageProps> = { ...MANAGED_PROPS, image: true, removalPolicy: true };

/**
 * An image that docker has before its containers are created: the `image` of a {@link DockerService}. The name on the
 * host is NAME-DIGEST. A new reference or archive so gets a new name, and the new image is there before the old one is
 * removed.
 *
 * Under Terraform, docker's provider pulls the image (`docker_image`). Bulkhead loads images that are files.
 */
export class DockerImage extends Service {
  /** The image of a prop: a DockerImage, or the image that all services of the host share. @internal */
  static of(service: Service, image: string | Image | DockerImage, at: string): DockerImage {
    if (image instanceof DockerImage) return checkDocker(image, DockerImage, service, at);
    const { host } = service;
    const source = sourceOf(image, at);
    const id = `docker-image-${source.digest}`;
    const existing = host.node.tryFindChild(id);
    if (existing instanceof DockerImage) return existing;
    // Several stacks may share a host, so the name includes the stack's.
    return new DockerImage(host, id, { image, name: `${host.stack.node.id}-image` });
  }

  readonly unitName = undefined;
  override readonly assets: readonly Asset[];
  /** Name of the image for containers: its reference, or its ID for an archive. */
  readonly reference: string;
  /** @internal How to run the image, for an archive. */
  readonly config: ImageConfig | undefined;
  private readonly key: string;
  private readonly part: ObjectPart;

  constructor(scope: Construct, id: string, props: DockerImageProps) {
    const at = [scope.node.path, id].filter(Boolean).join('/');
    const { asset, config, digest, reference } = sourceOf(props.image, `${at}.image`);
    const usual = [idsBelow(scope, Host.of(scope)), id].filter(Boolean).join('-');
    super(scope, id, 'docker', { ...props, name: `${props.name ?? usual}-${digest}` }, PROPS);
    this.assets = asset ? [asset] : [];
    this.config = config;
    this.reference = config ? `sha256:${config.id}` : reference;
    this.key = objectKey('docker-image', config ? `localhost/${this.serviceName.toLowerCase()}:${digest}` : reference);
    const policy = props.removalPolicy ?? (asset ? 'destroy' : 'retain');
    const retain = checkRemovalPolicy(policy, this.node.path) === 'retain' ? { retain: true } : {};
    this.part = config && asset ? { asset: asset.digest, spec: specOf(config), ...retain } : retain;
    this.complete();
  }

  protected override render(): void {
    const pulled = this.config ? undefined : { name: this.reference, keepLocally: this.part.retain === true };
    if (!pulled || !renderImage(this, pulled)) super.render();
  }

  protected override parts(): Parts {
    return { objects: { [this.key]: this.part }, requires: DOCKER_PROGRAMS };
  }
}

interface ImageSource {
  readonly digest: string;
  readonly reference: string;
  readonly asset?: Asset;
  readonly config?: ImageConfig;
}

function sourceOf(image: string | Image, at: string): ImageSource {
  if (typeof image === 'string') {
    const reference = exactReference(image, at);
    return { reference, digest: createHash('sha256').update(reference).digest('hex').slice(0, 12) };
  }
  const { source, format } = Image.check(image, ['oci', 'oci-archive', 'tar', 'directory', 'debian'], at);
  if (format === 'oci') return sourceOf(source, at);
  const { asset, read } = ociArchive(image, at);
  return { reference: '', digest: read.config.id.slice(0, 12), asset, config: read.config };
}

function specOf({ id, architecture }: ImageConfig): NonNullable<ObjectPart['spec']> {
  return { id, ...ofArchitecture(architecture) };
}
