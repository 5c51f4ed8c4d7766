import type { Construct } from 'constructs';
import type { Requirement } from '../../manifest/index';
import type { StatedClaim } from '../host/hosted-service';
import { OciContainer } from '../oci-spec/oci-container';
import { mappedVolumes } from '../oci-spec/oci-mounts';
import { OCI_PROPS, type OciProps } from '../oci-spec/oci-props';
import { fail } from '../problem';
import type { Asset } from '../props/assets';
import { healthDirectives } from '../props/health';
import { type ImageRoot, imageRoot } from '../props/image-root';
import { propsOfClass } from '../props/known-props';
import { checkRange, RANGE_SIZE, userRange } from '../props/user-range';
import type { Ordering, Parts } from '../service/service';
import { bundleUnit, healthRuntime, type OciProgram, rootOf, volumeOf } from './oci-unit';

export interface OciServiceProps extends OciProps {
  /**
   * OCI runtime that runs the container. With runc, about 10 threads of runc itself count towards `tasks`.
   * @default 'crun'
   */
  readonly runtime?: OciProgram;
  /**
   * Gives the container its own range of 65536 user and group IDs of the host. `true` picks a range. A number is the
   * first ID of the range. `false` shares the host's users. Inside the container, files of the image and of volumes
   * keep their owners. Their file systems must support mapped owners, as ext4, xfs and btrfs do. Becomes
   * linux.uidMappings and linux.gidMappings.
   * @default true
   */
  readonly privateUsers?: boolean | number;
  /**
   * Mounts the image read-only. The container can still write to /tmp, /run, /var/tmp and its volumes. With `false`, it
   * can write everywhere. These files are in /var/lib/bulkhead, and are deleted when the container stops. Becomes
   * root.readonly.
   * @default true
   */
  readonly readOnlyRoot?: boolean;
}

const PROPS = propsOfClass<OciServiceProps>('OciService', { ...OCI_PROPS, runtime: true, privateUsers: true });

/**
 * A container that crun or runc runs under systemd, without a daemon. It runs in the unit's own control group, so all
 * directives of systemd.resource-control(5) apply to it. It has its own users, no capabilities, a read-only root and a
 * system call filter. It is on `host.network` unless `network` sets another network. Props and `directives` open it.
 *
 * On the host: NAME.service, /etc/bulkhead/oci/NAME/config.json, the root in /var/lib/bulkhead/images, which all
 * services of the same image share, and NAME-network.service for the network.
 */
export class OciService extends OciContainer {
  private readonly bundle: string;
  private readonly program: OciProgram;
  override readonly assets: readonly Asset[];
  private readonly root: ImageRoot;
  /** First user of the host that belongs to the container. */
  private readonly firstUser: number | undefined;

  constructor(scope: Construct, id: string, props: OciServiceProps) {
    const { privateUsers = true, readOnlyRoot = true } = props;
    const mappedAt = privateUsers === false ? undefined : volumeOf;
    super(scope, id, { runtime: 'oci', known: PROPS, mappedAt }, props);
    const { serviceName: name, access, directives: set } = this;
    const at = this.node.path;
    this.program = checkProgram(props.runtime ?? 'crun', `${at}.runtime`);
    this.bundle = `/etc/bulkhead/oci/${name}`;
    this.root = imageRoot(props.image, [], `${at}.image`);
    this.assets = this.root.assets;
    if (privateUsers === true) this.firstUser = userRange(this.host, name);
    else if (privateUsers !== false) this.firstUser = checkRange(privateUsers, `${at}.privateUsers`);
    const { bundle, program, firstUser } = this;
    const mapped = firstUser === undefined ? [] : mappedVolumes(this.volumes).map(({ source }) => source);
    const image = this.root.directory;
    healthDirectives(set, props.health, healthRuntime(name, program, access.namespace, access.mode), at);
    set
      .defaults('Service', bundleUnit({ name, program, bundle, image, firstUser, readOnlyRoot, mapped }))
      .byHand(props.directives);
    this.complete();
  }

  override get claims(): readonly StatedClaim[] {
    const { firstUser } = this;
    if (firstUser === undefined) return super.claims;
    return [...super.claims, { claim: `uids ${firstUser}-${firstUser + RANGE_SIZE - 1}`, prop: 'privateUsers' }];
  }

  protected override parts(ordering: Ordering): Parts {
    const { unitName, bundle, program, root } = this;
    const unit = `/etc/systemd/system/${unitName}`;
    const spec = `${bundle}/config.json`;
    return this.access.withParts({
      natives: { [unit]: { format: 'unit', sections: this.unitSections(ordering) } },
      files: { [spec]: this.specFile(spec, { root: rootOf(this.serviceName), linux: this.linux() }) },
      objects: root.objects,
      requires: { [program]: NEEDED, ...root.requires, ...this.programs },
      units: {
        [unitName]: { state: 'active', enabled: true, restartOn: [unit, spec, root.key], ...this.triggers },
      },
    });
  }

  private linux() {
    const { directives: set, firstUser, program } = this;
    const resources = set.get('linux', 'resources');
    if (resources !== undefined)
      fail({
        action: 'set resources in linux to',
        value: resources,
        problem: 'the container is in the control group of its unit',
        expected: 'its counterpart in directives.Service, such as MemoryHigh',
        at: `${this.node.path}.directives.linux.resources`,
      });
    const map = firstUser === undefined ? [] : [{ containerID: 0, hostID: firstUser, size: RANGE_SIZE }];
    const slice = String(set.get('Service', 'Slice') ?? 'system.slice');
    return {
      ...(map.length > 0 ? { uidMappings: map, gidMappings: map } : {}),
      // crun crashes without `resources`.
      resources: program === 'runc' ? { devices: [{ allow: false, access: 'rwm' }] } : {},
      ...(program === 'runc' ? { cgroupsPath: `${pathOfSlice(slice)}/${this.unitName}/container` } : {}),
    };
  }
}

const NEEDED: Requirement = { why: 'for the container' };

function checkProgram(program: unknown, at: string): OciProgram {
  if (program === 'crun' || program === 'runc') return program;
  return fail({ action: 'run with', value: program, problem: 'is unknown', expected: 'crun or runc', at });
}

/** Path of a slice below the root of the control groups: `/a.slice/a-b.slice`. @see systemd.slice(5) */
function pathOfSlice(slice: string): string {
  const parts = slice.replace(/\.slice$/, '').split('-');
  return slice === '-.slice' ? '' : parts.map((_, index) => `/${parts.slice(0, index + 1).join('-')}.slice`).join('');
}
