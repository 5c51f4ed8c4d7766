import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import type { BuildSection, InstallSection, QuadletFile, ServiceSection, UnitSection } from '../directives';
import type { FilePart, ObjectPart } from '../manifest';
import type { Asset } from './assets';
import type { KnownProps } from './known-props';
import { imageObject } from './podman-image';
import { PodmanResource } from './podman-resource';
import { fail } from './problem';
import type { RootlessProps } from './rootless';
import type { Ordering, Parts } from './service';
import { MANAGED_PROPS, type ManagedProps } from './service-props';
import { filesUnder, readDirectory } from './source-files';

export interface PodmanBuildProps extends ManagedProps, RootlessProps {
  /**
   * Directory on this machine with all that the build needs, at most 500 files. They travel to the host, into
   * /var/lib/bulkhead-builds/NAME. SetWorkingDirectory=
   */
  readonly context: string;
  /**
   * The file in `context` that says how to build. File=
   * @default 'Containerfile'
   */
  readonly containerfile?: string;
  /**
   * The stage of it to build. Target=
   * @default - the last
   */
  readonly target?: string;
  /**
   * Any key of the Quadlet file, under its own name. It replaces a default of this class; one that a prop sets as well is
   * refused.
   * @see podman-systemd.unit(5), podman-build(1)
   */
  readonly directives?: {
    readonly Unit?: UnitSection;
    readonly Build?: BuildSection;
    readonly Quadlet?: NonNullable<QuadletFile['Quadlet']>;
    readonly Service?: ServiceSection;
    readonly Install?: InstallSection;
  };
}

const PROPS: KnownProps<PodmanBuildProps> = {
  ...MANAGED_PROPS,
  rootless: true,
  context: true,
  containerfile: true,
  target: true,
  directives: true,
};

const MOST_FILES = 500;

/**
 * An image that the host builds: the `image` of a {@link PodmanService}. Its name holds the digest of what it is built
 * from: when that changes, it is built anew, the containers that run it restart, and the one before is removed.
 *
 * On the host: /etc/containers/systemd/NAME.build, which systemd makes NAME-build.service of.
 */
export class PodmanBuild extends PodmanResource {
  /** Its name in podman's store. */
  readonly reference: string;
  override readonly assets: readonly Asset[];
  private readonly files: Readonly<Record<string, FilePart>>;

  constructor(scope: Construct, id: string, props: PodmanBuildProps) {
    super(scope, id, 'build', props, PROPS);
    const at = this.node.path;
    const { context, containerfile = 'Containerfile', target } = props;
    const directory = `/var/lib/bulkhead-builds/${this.serviceName}`;
    const { files } = readDirectory(context, 'build from', MOST_FILES, `${at}.context`);
    if (!files.some(({ path }) => path === containerfile))
      fail({
        action: 'build',
        value: containerfile,
        problem: `is no file in ${context}`,
        expected: 'one',
        at: `${at}.containerfile`,
      });
    ({ files: this.files, assets: this.assets } = filesUnder(directory, files));
    const facts = files.map(({ path, mode, asset }) => [path, mode, asset.digest]);
    const build = JSON.stringify([facts, containerfile, target, props.directives]);
    const digest = createHash('sha256').update(build).digest('hex');
    this.reference = `localhost/${this.serviceName.toLowerCase()}:${digest.slice(0, 12)}`;
    this.directives
      .prop('name', 'Build', { ImageTag: this.reference })
      .prop('context', 'Build', { SetWorkingDirectory: directory })
      .prop('containerfile', 'Build', { File: `${directory}/${containerfile}` })
      .prop('target', 'Build', { Target: target })
      // Podman before 5.5 leaves it out, and the build would count as gone.
      .defaults('Service', { RemainAfterExit: true })
      .byHand(props.directives);
    this.check();
  }

  protected override objects(): Readonly<Record<string, ObjectPart>> {
    return imageObject(this.reference, { unit: this.unitName });
  }

  protected override parts(ordering: Ordering): Parts {
    return { ...super.parts(ordering), files: this.files };
  }
}
