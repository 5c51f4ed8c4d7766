import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Construct } from 'constructs';
import type { BuildSection, InstallSection, QuadletFile, ServiceSection, UnitSection } from '../directives';
import type { FilePart, ObjectPart } from '../manifest';
import { type Asset, assetOf } from './assets';
import type { KnownProps } from './known-props';
import { isNormal } from './normal-form';
import { imageObject } from './podman-image';
import { PodmanResource } from './podman-resource';
import { fail } from './problem';
import type { Ordering, Parts } from './service';
import { MANAGED_PROPS, type ManagedProps } from './service-props';

export interface PodmanBuildProps extends ManagedProps {
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
  context: true,
  containerfile: true,
  target: true,
  directives: true,
};

const MOST_FILES = 500;
const INLINE_LIMIT = 64 * 1024;

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
    const found = filesIn(context, `${at}.context`);
    if (!found.includes(containerfile))
      fail({
        action: 'build',
        value: containerfile,
        problem: `is no file in ${context}`,
        expected: 'one',
        at: `${at}.containerfile`,
      });
    const assets = found.map((path) => assetOf(join(context, path), 'build from', `${at}.context`));
    const parts = found.map((path, index) => [path, partOf(join(context, path), assets[index])] as const);
    this.files = Object.fromEntries(parts.map(([path, part]) => [`${directory}/${path}`, part]));
    this.assets = assets.filter((_, index) => parts[index]?.[1].asset !== undefined);
    const facts = parts.map(([path, { mode }], index) => [path, mode, assets[index]?.digest]);
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

/** Paths of all files below a directory, sorted. @throws Error */
function filesIn(context: string, at: string): string[] {
  const reject = (problem: string) =>
    fail({ action: 'build from', value: context, problem, expected: 'a directory of files on this machine', at });
  if (typeof context !== 'string' || !statSync(context, { throwIfNoEntry: false })?.isDirectory())
    return reject('is no directory');
  const entries = readdirSync(context, { recursive: true, withFileTypes: true }).filter(
    (entry) => !entry.isDirectory(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(join(context, '/').length));
  const other = entries.findIndex((entry) => !entry.isFile());
  if (other >= 0) return reject(`${paths[other]} is a link or no plain file`);
  if (paths.length > MOST_FILES) return reject(`has ${paths.length} files, the most is ${MOST_FILES}`);
  return paths.sort();
}

function partOf(path: string, asset: Asset | undefined): FilePart {
  const { mode, size } = statSync(path);
  const rest = { mode: mode & 0o111 ? '0755' : '0644', owner: 'root', group: 'root' };
  const bytes = size > INLINE_LIMIT ? undefined : readFileSync(path);
  const text = bytes?.toString('utf8') ?? '';
  const plain = bytes !== undefined && Buffer.from(text).equals(bytes) && !text.includes('\0') && isNormal(text);
  return plain || asset === undefined ? { content: text, ...rest } : { asset: asset.digest, ...rest };
}
