import type { Construct } from 'constructs';
import { writeFile } from '../../directives/index';
import type { ObjectPart } from '../../manifest/index';
import { hasToken, tokenEscaper } from '../../rendering/tokens';
import { rootFile } from '../network/network';
import { NetworkAccess, type NetworkFile } from '../network/network-access';
import { NetworkedWorkload } from '../network/networked-workload';
import { fail } from '../problem';
import { networkMounts, programDirectives } from '../program/program-directives';
import { type ProgramImage, programImage } from '../program/program-image';
import { programNeeds, programOwner } from '../program/program-needs';
import { PROGRAM_PROPS, type ProgramProps } from '../program/program-props';
import type { Asset } from '../props/assets';
import { checkSections, type DirectiveSet } from '../props/directive-set';
import { healthPrograms } from '../props/health';
import type { Image } from '../props/image';
import { type ImageRoot, imageRoot } from '../props/image-root';
import { propsOfClass } from '../props/known-props';
import { type Port, parsePorts } from '../props/ports';
import { triggersOf, type Use } from '../props/used';
import { parseVolumes } from '../props/volumes';
import { ROOT } from '../service/host-paths';
import type { Ordering, Parts } from '../service/service';
import { checkSlice } from '../service/unit-props';
import {
  ATTACHED,
  attachedLinks,
  checkPortableName,
  extensionFiles,
  imageFiles,
  portableDropIn,
} from './attached-files';
import { checkProfile, networkDefaults, type PortableProfile, splitByProfile } from './portable-profile';

export interface PortableServiceProps extends ProgramProps {
  /** The {@link Image} of the service. An image in a registry needs `command`. Becomes RootDirectory=. */
  readonly image: Image;
  /**
   * Name of the systemd profile that confines the service: `strict`, `default`, `nonetwork` or `trusted`. `strict`
   * allows no capabilities, no devices and at most 4 tasks, and systemd allocates a user while the service runs. The
   * network is opened as far as `network` needs it. Props and `directives` take precedence over the profile.
   * @default 'strict'
   * @see portablectl(1) "Profiles"
   */
  readonly profile?: PortableProfile;
  /**
   * Images to overlay on /usr and /opt of the image, the lowest one first. Becomes ExtensionDirectories=.
   * @default - none
   */
  readonly extensions?: readonly Image[];
}

const PROPS = propsOfClass<PortableServiceProps>('PortableService', {
  ...PROGRAM_PROPS,
  profile: true,
  extensions: 'list',
});

const SECTIONS = ['Unit', 'Service', 'Install'];

/**
 * A portable service: an image that is attached to the host's systemd and runs there, confined by a profile.
 * `portablectl list`, `is-attached`, `detach` and `reattach` work with it. An upgrade keeps the previous image on the
 * host, so going back to that image sends nothing. To go back, apply the previous version again, or run `portablectl
 * reattach --profile=strict --now NAME_VERSION`.
 *
 * On the host: /etc/systemd/system.attached/NAME.service with drop-ins, and /etc/portables/NAME_VERSION.
 * @see portablectl(1)
 */
export class PortableService extends NetworkedWorkload {
  /** Name of the unit: `NAME.service`. */
  readonly unitName: string;
  override readonly ports: readonly Port[];
  override readonly assets: readonly Asset[];
  protected readonly access: NetworkAccess;
  protected readonly environmentSection = 'Service' as const;
  private readonly directives: DirectiveSet;
  private readonly program: ProgramImage;
  private readonly profile: PortableProfile;
  private readonly extensions: readonly ImageRoot[];
  private readonly read: readonly Use[];
  private readonly networkFiles: readonly NetworkFile[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PortableServiceProps,
  ) {
    super(scope, id, 'portable', props, PROPS);
    this.require(checkSlice(props.slice, this));
    const at = this.node.path;
    checkPortableName(this.serviceName, at);
    this.unitName = `${this.serviceName}.service`;
    this.profile = checkProfile(props.profile, at);
    this.ports = parsePorts(props.ports, at);
    this.access = new NetworkAccess(this, props, this.ports, () => this.host.network);
    this.require(this.access.network);
    const volumes = parseVolumes(props.volumes, at);
    this.networkFiles = this.access.files(volumes);
    this.read = this.reads(volumes, props, this.profile === 'trusted' && !props.user ? ROOT : programOwner(props));
    const image = programImage(props.image, props, volumes, at);
    this.program = image;
    this.extensions = (props.extensions ?? []).map((extension, index) => this.extension(extension, index));
    this.assets = [image.root, ...this.extensions].flatMap(({ assets }) => assets);
    checkSections(props.directives, SECTIONS, at);
    const sandbox = {
      ...(props.user === undefined ? {} : { DynamicUser: false }),
      ...networkDefaults(this.access),
    };
    const secrets = this.loadSecrets(props);
    const place = { access: this.access, volumes, image, place: {}, secrets, sandbox };
    this.directives = programDirectives(this, props, place).byHand(props.directives);
    this.complete();
  }

  protected override get sections() {
    return this.directives.bySection(SECTIONS);
  }

  protected override parts(ordering: Ordering): Parts {
    const name = this.serviceName;
    const { Service = {}, ...others } = this.directives.file(SECTIONS, ordering);
    const { unit, dropIn } = splitByProfile(Service);
    const sections = { ...others, Service: unit };
    const root = this.rootWith(sections);
    const { links, profileKey } = attachedLinks(name, this.profile, root);
    const path = `${ATTACHED}/${this.unitName}`;
    const after = `/etc/systemd/system/${this.unitName}.d/50-bulkhead.conf`;
    const portable = `${path}.d/20-portable.conf`;
    const objects: Record<string, ObjectPart> = { ...links, ...root.objects };
    for (const extension of this.extensions) Object.assign(objects, extension.objects);
    const parts: Parts = {
      natives: {
        [path]: { format: 'unit', sections, ofImage: this.program.environment },
        [after]: { format: 'unit', sections: { Service: dropIn } },
      },
      files: { [portable]: rootFile(portableDropIn(root, this.extensions)) },
      objects,
      requires: {
        portablectl: { why: 'for its profiles' },
        ...root.requires,
        ...Object.assign({}, ...this.extensions.map(({ requires }) => requires)),
        ...healthPrograms(this.props.health),
      },
      needs: programNeeds(this.directives, {}, []),
      units: {
        [this.unitName]: {
          state: 'active',
          enabled: true,
          restartOn: [
            path,
            portable,
            after,
            profileKey,
            ...Object.keys(objects).filter((key) => key.startsWith('image-root:')),
          ],
          ...triggersOf(this.read),
        },
      },
    };
    return this.access.withParts(parts, networkMounts(after, this.networkFiles));
  }

  private extension(image: Image, index: number): ImageRoot {
    const label = `${this.serviceName}-extension-${index + 1}`;
    return imageRoot(image, [], `${this.node.path}.extensions[${index}]`, { label, files: extensionFiles(label) });
  }

  /** The image with the unit in it, as portablectl(1) requires. */
  private rootWith(sections: Readonly<Record<string, object>>): ImageRoot {
    const name = this.serviceName;
    const { text } = writeFile('unit', sections, { tokens: tokenEscaper });
    if (hasToken(text))
      fail({
        action: 'attach',
        value: name,
        problem: 'its image contains the unit, and Terraform knows a value in the unit only at apply',
        expected: 'values that are known at synthesis, or environmentFiles',
        at: this.node.path,
      });
    const { image } = this.props;
    const { mountPoints } = this.program;
    const at = `${this.node.path}.image`;
    const files = imageFiles(name, text);
    const version = imageRoot(image, mountPoints, at, { files }).key.replace('image-root:', '').slice(0, 12);
    return imageRoot(image, mountPoints, at, { files, label: `${name}_${version}` });
  }
}
