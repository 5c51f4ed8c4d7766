import type { Construct } from 'constructs';
import type { VolumeSection } from '../../directives/index';
import { type ObjectPart, objectKey } from '../../manifest/index';
import { fail } from '../problem';
import type { KnownProps } from '../props/known-props';
import { checkRemovalPolicy, type RemovalPolicy } from '../props/removal-policy';
import type { MountSource } from '../props/used';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { contentSpec, pairsOf, textOf } from './podman-content';
import { PodmanResource } from './podman-resource';
import type { QuadletProps } from './quadlet';
import type { RootlessProps } from './rootless';

export interface PodmanVolumeProps extends ManagedProps, RootlessProps, QuadletProps<'Volume', VolumeSection> {
  /**
   * What happens to the data when the volume leaves the stack or is destroyed. `retain` keeps it on the host, and a new
   * volume of the same name has it again. `destroy` deletes it.
   * @default 'retain'
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Number of the user that owns the top directory of the volume. Becomes User=.
   * @default - root, or the owner of the image's directory that the volume is mounted over
   */
  readonly user?: number;
  /**
   * Number of the group that owns the top directory of the volume. Becomes Group=.
   * @default - root, or the group of the image's directory that the volume is mounted over
   */
  readonly group?: number;
  /**
   * Source of the mount: a device, or `host:/path` of NFS. Set `type` too. Becomes Device=.
   * @default - a directory that podman creates
   */
  readonly device?: string;
  /**
   * Type of the file system of `device`, such as `nfs`, `ext4` or `tmpfs`. Becomes Type=.
   * @default - none
   */
  readonly type?: string;
  /**
   * Mount options of `device`, separated by commas as in mount(8). Becomes Options=.
   * @default - none
   */
  readonly options?: string;
}

const PROPS: KnownProps<PodmanVolumeProps> = {
  ...MANAGED_PROPS,
  rootless: true,
  removalPolicy: true,
  user: true,
  group: true,
  device: true,
  type: true,
  options: true,
  directives: true,
};

/** Kind of podman's volumes among the sources of a volume. */
export const PODMAN_VOLUME = 'volume of podman';

/**
 * Data that outlives its containers: the source of a volume of a {@link PodmanService}. Podman creates the volume once.
 * A later change of its props applies only to a new volume, since data is never deleted for a change.
 *
 * On the host: /etc/containers/systemd/NAME.volume, from which systemd generates NAME-volume.service.
 * @see podman-volume-create(1)
 */
export class PodmanVolume extends PodmanResource implements MountSource {
  readonly mountKind = PODMAN_VOLUME;
  readonly mountedBy = 'PodmanService';
  private readonly retain: boolean;

  constructor(scope: Construct, id: string, props: PodmanVolumeProps = {}) {
    super(scope, id, 'volume', props, PROPS);
    const at = this.node.path;
    this.retain = checkRemovalPolicy(props.removalPolicy, at) === 'retain';
    const { user, group, device, type, options } = props;
    for (const [prop, value] of Object.entries({ type, options })) {
      if (value !== undefined && device === undefined)
        fail({
          action: `set ${prop} to`,
          value,
          problem: 'device is not set',
          expected: 'device beside it',
          at: `${at}.device`,
        });
    }
    this.directives
      .prop('name', 'Volume', { VolumeName: this.serviceName })
      .prop('user', 'Volume', { User: user })
      .prop('group', 'Volume', { Group: group })
      .prop('device', 'Volume', { Device: device })
      .prop('type', 'Volume', { Type: type })
      .prop('options', 'Volume', { Options: options })
      .byHand(props.directives);
    this.complete();
  }

  protected override objects(): Readonly<Record<string, ObjectPart>> {
    const part = { unit: this.unitName, ...(this.retain ? { retain: true } : {}) };
    return { [objectKey('podman-volume', this.serviceName)]: { ...part, ...this.content } };
  }

  private get content(): Pick<ObjectPart, 'spec'> {
    const get = (key: string) => this.directives.get('Volume', key);
    // A volume made from an image has the content of that image.
    if (get('Image') !== undefined) return {};
    return contentSpec(this.directives, 'Volume', {
      driver: textOf(get('Driver') ?? 'local'),
      device: textOf(get('Device') ?? ''),
      type: textOf(get('Type') ?? ''),
      options: optionsOf(get('Options')),
      user: numberOf(get('User')),
      group: numberOf(get('Group')),
      labels: pairsOf(get('Label')),
    });
  }
}

// podman stores the owner separately, and Quadlet puts it before the other options.
function optionsOf(value: unknown): string | undefined {
  const options = textOf(value ?? '')?.split(',');
  return options
    ?.filter((option) => !/^[ug]id=/.test(option))
    .sort()
    .join(',');
}

const numberOf = (value: unknown): string | undefined => (value === 'root' ? '0' : textOf(value));
