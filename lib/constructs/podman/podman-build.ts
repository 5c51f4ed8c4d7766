import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import type { BuildSection } from '../../directives/index';
import { BUILDS_DIR, type FilePart, type ObjectPart } from '../../manifest/index';
import { fail } from '../problem';
import type { Asset } from '../props/assets';
import type { KnownProps } from '../props/known-props';
import { filesUnder, readDirectory } from '../props/source-files';
import type { Ordering, Parts } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { imageObject } from './podman-image';
import { PodmanResource } from './podman-resource';
import type { QuadletProps } from './quadlet';
import type { RootlessProps } from './rootless';

export interface PodmanBuildProps extends ManagedProps, RootlessProps, QuadletProps<'Build', BuildSection> {
  /**
   * Directory on this machine with all that the build needs, at most 500 files. They are sent to the host, into
   * /var/lib/bulkhead-builds/NAME, which only root can open, or ~/.local/share/bulkhead-builds/NAME of the user. Programs
   * stay programs (0755), all others are 0644, as `COPY` puts them into the image. SetWorkingDirectory=
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
 * @see podman-build(1)
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
    const { rootless: user, serviceName: name } = this;
    const owner = user?.serviceName ?? 'root';
    const directory = `${user ? `${user.home}/.local/share/bulkhead-builds` : BUILDS_DIR}/${name}`;
    const { files } = readDirectory(context, 'build from', MOST_FILES, `${at}.context`);
    if (!files.some(({ path }) => path === containerfile))
      fail({
        action: 'build',
        value: containerfile,
        problem: `is no file in ${context}`,
        expected: 'one',
        at: `${at}.containerfile`,
      });
    ({ files: this.files, assets: this.assets } = filesUnder(directory, files, { owner, group: owner }));
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
    this.complete();
  }

  protected override objects(): Readonly<Record<string, ObjectPart>> {
    return imageObject(this.reference, { unit: this.unitName });
  }

  protected override parts(ordering: Ordering): Parts {
    return { ...super.parts(ordering), files: this.files };
  }
}
