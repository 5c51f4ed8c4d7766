import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import { type ObjectPart, objectKey, type Requirement } from '../../manifest/index';
import { OciContainer } from '../oci-spec/oci-container';
import { OCI_PROPS, type OciProps } from '../oci-spec/oci-props';
import { fail } from '../problem';
import type { Asset } from '../props/assets';
import { healthDirectives } from '../props/health';
import type { Image } from '../props/image';
import { ociArchive } from '../props/image-file';
import { PULLS } from '../props/image-root';
import { propsOfClass } from '../props/known-props';
import { ofArchitecture } from '../props/oci-archive';
import { LIMITS } from '../props/outside-limits';
import { exactReference } from '../props/reference';
import type { Ordering, Parts } from '../service/service';
import { resourcesOf } from './containerd-limits';
import { containerUnit, healthRuntime, rootOf } from './containerd-unit';

export type ContainerdServiceProps = OciProps;

const PROPS = propsOfClass<OciProps>('ContainerdService', OCI_PROPS);

interface StoredImage {
  readonly tag: string;
  readonly asset?: Asset;
  readonly spec: Readonly<Record<string, string>>;
}

/** An image in containerd's store, under a name of the service. */
function storedImage(image: Image, at: string): StoredImage {
  if (image.format === 'oci') {
    const reference = exactReference(image.source, at);
    return { tag: createHash('sha256').update(reference).digest('hex').slice(0, 12), spec: { reference } };
  }
  const { asset, read } = ociArchive(image, at);
  const { architecture } = read.config;
  return { tag: asset.digest.slice(0, 12), asset, spec: { digest: read.digest, ...ofArchitecture(architecture) } };
}

const NEEDED: Readonly<Record<string, Requirement>> = {
  ctr: { why: 'for containers of containerd' },
  runc: { why: 'for containers of containerd' },
};

/**
 * A container that containerd runs under systemd, from an image in containerd's store. It has no capabilities, a
 * read-only root and a system call filter. It is on `host.network` unless `network` sets another network. Props and
 * `directives` open it.
 *
 * containerd runs the container outside of the unit's control group, so the limits are in the container's config.json.
 * The container stops and starts with containerd.
 *
 * On the host: NAME.service, /etc/bulkhead/containerd/NAME.json, the image in containerd's namespace `bulkhead` (`ctr
 * -n bulkhead images ls`), and NAME-network.service for its network.
 */
export class ContainerdService extends OciContainer {
  override readonly assets: readonly Asset[];
  private readonly specPath: string;
  private readonly slice: string;
  private readonly images: Readonly<Record<string, ObjectPart>>;

  constructor(scope: Construct, id: string, props: ContainerdServiceProps) {
    super(scope, id, { runtime: 'containerd', known: PROPS, needs: ['containerd.service'] }, props);
    const { serviceName: name, access } = this;
    const at = this.node.path;
    this.specPath = `/etc/bulkhead/containerd/${name}.json`;
    this.slice = props.slice?.unitName ?? 'system.slice';
    const { tag, asset, spec } = storedImage(this.image.image, `${at}.image`);
    const image = `localhost/${name}:${tag}`;
    this.assets = asset ? [asset] : [];
    this.images = { [objectKey('containerd-image', image)]: { ...(asset && { asset: asset.digest }), spec } };
    this.directives.defaults('Service', containerUnit({ name, image, spec: this.specPath, cgroup: this.cgroup }));
    healthDirectives(this.directives, props.health, healthRuntime(name, access.namespace, access.mode), at);
    this.directives.byHand(props.directives);
    this.complete();
  }

  /** Slice, prefix and scope name, as runc's systemd driver expects them. */
  private get cgroup(): string {
    return `${this.slice}:bulkhead:${this.serviceName}`;
  }

  protected override parts(ordering: Ordering): Parts {
    const { unitName, specPath, images, directives: set } = this;
    const unit = `/etc/systemd/system/${unitName}`;
    const slice = set.get('Service', 'Slice');
    if (slice !== undefined && slice !== this.slice)
      fail({
        action: 'use as Slice=',
        value: slice,
        problem: 'it would hold only ctr',
        expected: 'the slice prop',
        at: `${this.node.path}.directives.Service.Slice`,
      });
    const linux = { cgroupsPath: this.cgroup, resources: resourcesOf(set, this.node.path) };
    return this.access.withParts({
      natives: { [unit]: { format: 'unit', sections: this.unitSections(ordering, LIMITS) } },
      files: { [specPath]: this.specFile(specPath, { root: rootOf(this.serviceName), linux }) },
      objects: images,
      requires: { ...NEEDED, ...(this.assets.length > 0 ? {} : PULLS), ...this.programs },
      units: {
        [unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [unit, specPath, ...Object.keys(images)],
          ...this.triggers,
        },
      },
    });
  }
}
