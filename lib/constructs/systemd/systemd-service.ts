import type { Construct } from 'constructs';
import type { Requirement, UnitPart } from '../../manifest/index';
import { NetworkAccess, type NetworkFile } from '../network/network-access';
import { NetworkedWorkload } from '../network/networked-workload';
import { networkMounts } from '../program/program-directives';
import type { ProgramImage } from '../program/program-image';
import { programNeeds, programOwner } from '../program/program-needs';
import type { Asset } from '../props/assets';
import { checkSections, type DirectiveSet } from '../props/directive-set';
import { healthPrograms } from '../props/health';
import { type Port, parsePorts } from '../props/ports';
import { triggersOf, type Use } from '../props/used';
import { mountPointsOf, parseVolumes, type Volume } from '../props/volumes';
import type { Ordering, Parts } from '../service/service';
import { checkSlice } from '../service/unit-props';
import { systemdImage, systemdProgram } from './systemd-program';
import { SYSTEMD_SERVICE_PROPS, type SystemdServiceProps } from './systemd-service-props';

const SECTIONS = ['Unit', 'Service', 'Install'];

/**
 * A program, of the host or of an image, that systemd runs in a strict sandbox. The program sees the system read-only
 * and runs as a user of its own. It has no capabilities, no devices and no home directories. It can listen only on the
 * ports that it names. Props and `directives` open the sandbox.
 *
 * On the host: /etc/systemd/system/NAME.service, started and enabled.
 * @see systemd.service(5), systemd.exec(5)
 */
export class SystemdService extends NetworkedWorkload {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly ports: readonly Port[];
  protected readonly access: NetworkAccess;
  override readonly assets: readonly Asset[];
  private readonly directives: DirectiveSet;
  private readonly image: ProgramImage | undefined;
  private readonly read: readonly Use[];
  private readonly volumes: readonly Volume[];
  private readonly networkFiles: readonly NetworkFile[];
  private readonly mounts: Pick<UnitPart, 'mountPoints'>;
  private readonly programs: Readonly<Record<string, Requirement>>;
  protected readonly environmentSection = 'Service' as const;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SystemdServiceProps,
  ) {
    super(scope, id, 'systemd', props, SYSTEMD_SERVICE_PROPS);
    this.require(checkSlice(props.slice, this));
    const at = this.node.path;
    this.unitName = `${this.serviceName}.service`;
    this.ports = parsePorts(props.ports, at);
    this.access = new NetworkAccess(this, props, this.ports, () => 'host');
    this.require(this.access.network);
    const volumes = parseVolumes(props.volumes, at);
    this.volumes = volumes;
    this.image = systemdImage(props, volumes, at);
    this.networkFiles = this.access.files(volumes);
    if (props.root === undefined && !this.image) this.access.network?.mountOver(this.unitName, this.networkFiles);
    this.read = this.reads(volumes, props, programOwner(props));
    this.assets = this.image?.root.assets ?? [];
    this.mounts = this.image ? {} : mountPointsOf([...volumes, ...this.networkFiles], props.root);
    this.programs = healthPrograms(props.health);
    checkSections(props.directives, SECTIONS, at);
    const secrets = this.loadSecrets(props);
    this.directives = systemdProgram(this, props, this.access, volumes, this.image, secrets).byHand(props.directives);
    this.complete();
  }

  protected override get sections() {
    return this.directives.bySection(SECTIONS);
  }

  protected override parts(ordering: Ordering): Parts {
    const path = `/etc/systemd/system/${this.unitName}`;
    const parts: Parts = {
      natives: {
        [path]: {
          format: 'unit',
          sections: this.directives.file(SECTIONS, ordering),
          ofImage: this.image?.environment,
        },
      },
      ...(this.image ? { objects: this.image.root.objects } : {}),
      needs: programNeeds(this.directives, this.image ? {} : this.props, this.volumes),
      requires: { ...this.image?.root.requires, ...this.programs },
      units: {
        [this.unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [path, ...(this.image ? [this.image.root.key] : [])],
          ...triggersOf(this.read),
          ...this.mounts,
        },
      },
    };
    return this.access.withParts(parts, networkMounts(path, this.networkFiles));
  }
}
