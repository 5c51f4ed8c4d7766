import type { Construct } from 'constructs';
import type { InstallSection, QuadletFile, ServiceSection, UnitSection, VolumeSection } from '../directives';
import type { ObjectPart } from '../manifest';
import type { KnownProps } from './known-props';
import { PodmanResource } from './podman-resource';
import { fail } from './problem';
import type { RootlessProps } from './rootless';
import { MANAGED_PROPS, type ManagedProps } from './service-props';

/** What becomes of something that holds data when it is no longer wanted: `retain` leaves it on the host. */
export type RemovalPolicy = 'retain' | 'destroy';

export interface PodmanVolumeProps extends ManagedProps, RootlessProps {
  /**
   * What becomes of the data when the volume leaves the stack or is destroyed: `retain` leaves it on the host, where a
   * volume of that name finds it again; `destroy` removes it.
   * @default 'retain'
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Number of the user that owns the volume's root. User=
   * @default - root, or who owns the directory of the image that it is mounted over
   */
  readonly user?: number;
  /**
   * Number of the group that owns the volume's root. Group=
   * @default - as for `user`
   */
  readonly group?: number;
  /**
   * What is mounted: a device, or `host:/path` of NFS, together with `type`. Device=
   * @default - a directory that podman makes
   */
  readonly device?: string;
  /**
   * File system of `device`: `nfs`, `ext4`, `tmpfs`, ... Type=
   * @default - none
   */
  readonly type?: string;
  /**
   * Mount options of `device`, with commas between as in mount(8). Options=
   * @default - none
   */
  readonly options?: string;
  /**
   * Any key of the Quadlet file, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
   * @see podman-systemd.unit(5), podman-volume-create(1)
   */
  readonly directives?: {
    readonly Unit?: UnitSection;
    readonly Volume?: VolumeSection;
    readonly Quadlet?: NonNullable<QuadletFile['Quadlet']>;
    readonly Service?: ServiceSection;
    readonly Install?: InstallSection;
  };
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

/**
 * Data that outlives the containers which use it: the source of a volume of a {@link PodmanService}. Podman makes it once;
 * what changes here later reaches only a volume that is made anew, since nothing removes data on the way.
 *
 * On the host: /etc/containers/systemd/NAME.volume, which systemd makes NAME-volume.service of.
 */
export class PodmanVolume extends PodmanResource {
  private readonly retain: boolean;

  constructor(scope: Construct, id: string, props: PodmanVolumeProps = {}) {
    super(scope, id, 'volume', props, PROPS);
    const at = this.node.path;
    this.retain = checkRemovalPolicy(props.removalPolicy, at) === 'retain';
    const { user, group, device, type, options } = props;
    for (const [prop, value] of Object.entries({ type, options })) {
      if (value !== undefined && device === undefined)
        fail({ action: `set ${prop} to`, value, problem: 'there is no device', expected: 'one', at: `${at}.device` });
    }
    this.directives
      .prop('name', 'Volume', { VolumeName: this.serviceName })
      .prop('user', 'Volume', { User: user })
      .prop('group', 'Volume', { Group: group })
      .prop('device', 'Volume', { Device: device })
      .prop('type', 'Volume', { Type: type })
      .prop('options', 'Volume', { Options: options })
      .byHand(props.directives);
    this.check();
  }

  protected override objects(): Readonly<Record<string, ObjectPart>> {
    const part = { unit: this.unitName, ...(this.retain ? { retain: true } : {}) };
    return { [`volume:${this.serviceName}`]: part };
  }
}

/** @throws Error */
export function checkRemovalPolicy(policy: RemovalPolicy = 'retain', path: string): RemovalPolicy {
  if (policy === 'retain' || policy === 'destroy') return policy;
  return fail({
    action: 'set removalPolicy to',
    value: policy,
    problem: 'is no policy',
    expected: '"retain" or "destroy"',
    at: `${path}.removalPolicy`,
  });
}
