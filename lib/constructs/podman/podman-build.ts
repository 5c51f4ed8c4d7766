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
   * Directory on this machine with all files for the build, at most 500. They are sent to the host, to
   * /var/lib/bulkhead-builds/NAME, which only root can open, or to ~/.local/share/bulkhead-builds/NAME of the user in
   * `rootless`. Executable files get the mode 0755, all other files 0644. `COPY` keeps these modes in the image.
   * Becomes SetWorkingDirectory=.
   */
  readonly context: string;
  /**
   * Path of the Containerfile, relative to `context`. Becomes File=.
   * @default 'Containerfile'
   */
  readonly containerfile?: string;
  /**
   * Stage of the Containerfile to build. Becomes Target=.
   * @default - the last stage
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
 * An image that the host builds: the `image` of a {@link PodmanService}. The image's name has the digest of the build's
 * files and options. When they change, the image is built again, its containers restart, and the previous image is
 * removed.
 *
 * On the host: /etc/containers/systemd/NAME.build, from which systemd generates NAME-build.service.
 * @see podman-build(1)
 */
export class PodmanBuild extends PodmanResource {
  /** Name of the image in podman's store. */
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
        problem: `is not a file in ${context}`,
        expected: 'the path of a file in that directory',
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
      // Quadlet of podman before 5.5 does not write this directive. The build would then count as lost.
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
