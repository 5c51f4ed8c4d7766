import type { Construct } from 'constructs';
import { type ObjectPart, objectKey } from '../../manifest/index';
import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';
import { checkRemovalPolicy, type RemovalPolicy } from '../props/removal-policy';
import type { MountSource } from '../props/used';
import { type Parts, Service } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { DOCKER_PROGRAMS } from './programs';
import { renderVolume } from './terraform';

export interface DockerVolumeProps extends ManagedProps {
  /**
   * What happens to the data when the volume leaves the stack or is destroyed. `retain` keeps it on the host, and a new
   * volume of the same name has it again. `destroy` deletes it.
   * @default 'retain'
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Source of the mount: a device, or `:/path` of NFS. Set `type` too.
   * @default - a directory that docker creates
   */
  readonly device?: string;
  /**
   * Type of the file system of `device`, such as `nfs`, `ext4` or `tmpfs`.
   * @default - none
   */
  readonly type?: string;
  /**
   * Mount options of `device`, separated by commas as in mount(8).
   * @default - none
   */
  readonly options?: string;
}

const PROPS: KnownProps<DockerVolumeProps> = {
  ...MANAGED_PROPS,
  removalPolicy: true,
  device: true,
  type: true,
  options: true,
};

/** Kind of docker's volumes among the sources of a volume. */
export const DOCKER_VOLUME = 'volume of docker';

/**
 * Data that outlives its containers: the source of a volume of a {@link DockerService}.
 *
 * Under Terraform, a volume with `removalPolicy: 'destroy'` is a `docker_volume` of docker's provider. That provider
 * can't keep a volume on the host, so Bulkhead creates volumes that are retained.
 * @see https://docs.docker.com/reference/cli/docker/volume/create/
 */
export class DockerVolume extends Service implements MountSource {
  readonly unitName = undefined;
  readonly mountKind = DOCKER_VOLUME;
  readonly mountedBy = 'DockerService';
  /** Constant, since docker refuses to change an existing volume. */
  readonly fingerprint = '';
  private readonly options: Readonly<Record<string, string>>;
  private readonly retain: boolean;

  constructor(scope: Construct, id: string, props: DockerVolumeProps = {}) {
    super(scope, id, 'docker', props, PROPS);
    const at = this.node.path;
    this.retain = checkRemovalPolicy(props.removalPolicy, at) === 'retain';
    const { device, type, options: o } = props;
    if (device === undefined && (type ?? o) !== undefined)
      fail({
        action: 'mount',
        value: type ?? o,
        problem: 'device is not set',
        expected: 'device beside it',
        at: `${at}.device`,
      });
    this.options = Object.fromEntries(
      Object.entries({ device, type, o }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    this.complete();
  }

  /** @internal Name of the volume in docker. */
  get usedAs(): string {
    return this.serviceName;
  }

  protected override render(): void {
    const volume = { name: this.serviceName, driver: 'local', driverOpts: this.options };
    if (this.retain || !renderVolume(this, volume)) super.render();
  }

  protected override parts(): Parts {
    const part: ObjectPart = {
      spec: { options: JSON.stringify(this.options) },
      ...(this.retain ? { retain: true } : {}),
    };
    return { objects: { [objectKey('docker-volume', this.serviceName)]: part }, requires: DOCKER_PROGRAMS };
  }
}
