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
   * The program that runs it. The threads of runc itself, about 10, count towards `tasks`.
   * @default 'crun'
   */
  readonly runtime?: OciProgram;
  /**
   * Whether its users are others than those of the host: 65536 of its own, or those from a number on. Files of its image
   * and of its volumes keep their owners, as it sees them. The file systems of both must be able to map owners, as ext4,
   * xfs and btrfs can. linux.uidMappings, linux.gidMappings
   * @default true
   */
  readonly privateUsers?: boolean | number;
  /**
   * Mounts the image read-only. It can still write to /tmp, /run, /var/tmp and its volumes. What it writes elsewhere with
   * `false` takes space in /var/lib/bulkhead and is deleted when it stops. root.readonly
   * @default true
   */
  readonly readOnlyRoot?: boolean;
}

const PROPS = propsOfClass<OciServiceProps>('OciService', { ...OCI_PROPS, runtime: true, privateUsers: true });

/**
 * A container that crun or runc runs under systemd, without a daemon and in the unit's own control group: all directives
 * of systemd.resource-control(5) bind it. It has users of its own, no capability, a read-only root, a filter of system
 * calls, and is on `host.network` unless its `network` is another one. Props and `directives` open it.
 *
 * On the host: NAME.service, /etc/bulkhead/oci/NAME/config.json, its root in /var/lib/bulkhead/images, which all services
 * of the same image share, and NAME-network.service for its network.
 */
export class OciService extends OciContainer {
  private readonly bundle: string;
  private readonly program: OciProgram;
  override readonly assets: readonly Asset[];
  private readonly root: ImageRoot;
  /** First user of the host that is one of the container's. */
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
      // crun ends with a fault when there is none at all.
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

/** Path of a slice below the root of control groups: `/a.slice/a-b.slice`. @see systemd.slice(5) */
function pathOfSlice(slice: string): string {
  const parts = slice.replace(/\.slice$/, '').split('-');
  return slice === '-.slice' ? '' : parts.map((_, index) => `/${parts.slice(0, index + 1).join('-')}.slice`).join('');
}
