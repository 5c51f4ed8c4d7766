import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import type { FilePart } from '../../manifest/index';
import { fail } from '../problem';
import type { Asset } from '../props/assets';
import type { KnownProps } from '../props/known-props';
import { filesUnder, readDirectory } from '../props/source-files';
import type { Parts } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { ConfigSource, checkPath, ownerNeeds } from './config-source';

export interface ConfigDirectoryProps extends ManagedProps {
  /** Absolute path on the host, known at synthesis. */
  readonly path: string;
  /**
   * Directory on this machine whose files are copied to the host, with subdirectories and at most 2000 files.
   * Executable files get the mode 0755, all other files 0644. Links are refused. Empty directories are refused too,
   * since git does not keep them.
   *
   * Files above 64 kB and binary files are sent as assets, and `terraform plan` shows only their digest. If the text
   * files together exceed 256 kB, all files are sent as assets.
   */
  readonly source: string;
  /**
   * User on the host that owns the files.
   * @default 'root'
   */
  readonly owner?: string;
  /**
   * Group on the host that owns the files.
   * @default 'root'
   */
  readonly group?: string;
}

const PROPS: KnownProps<ConfigDirectoryProps> = {
  ...MANAGED_PROPS,
  path: true,
  source: true,
  owner: true,
  group: true,
};

const MOST_FILES = 2000;

/**
 * A directory of files on the host for services. A service mounts it as the source of a volume, or refers to it by its
 * path. A service that mounts it restarts when a file in it is added, changed or deleted. Other files in the directory
 * on the host are not touched. Do not put secrets in it: Terraform's state has the content.
 *
 * On the host: the files below `path`.
 */
export class ConfigDirectory extends ConfigSource {
  /** Absolute path on the host. */
  readonly path: string;
  readonly mountKind = 'directory';
  readonly fingerprint: string;
  override readonly assets: readonly Asset[];
  private readonly owned: Pick<FilePart, 'owner' | 'group'>;
  private readonly files: Readonly<Record<string, FilePart>>;

  constructor(scope: Construct, id: string, props: ConfigDirectoryProps) {
    super(scope, id, 'file', props, PROPS);
    const at = this.node.path;
    const { path, source, owner = 'root', group = 'root' } = props;
    this.path = checkPath(path, 'write directory', at);
    const { files, empty } = readDirectory(source, 'write directory from', MOST_FILES, `${at}.source`);
    if (files.length === 0 || empty.length > 0)
      fail({
        action: 'write directory from',
        value: source,
        problem: files.length === 0 ? 'has no files' : `its directory ${[...empty].sort()[0]} is empty`,
        expected: 'at least one file in the directory and in each directory below it',
        at: `${at}.source`,
      });
    const facts = files.map((file) => [file.path, file.mode, file.asset.digest]);
    this.fingerprint = createHash('sha256').update(JSON.stringify(facts)).digest('hex');
    this.owned = { owner, group };
    ({ files: this.files, assets: this.assets } = filesUnder(path, files, this.owned));
    this.complete();
  }

  protected override parts(): Parts {
    return { files: this.files, needs: ownerNeeds(this.owned) };
  }
}
