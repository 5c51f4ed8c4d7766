import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import type { FilePart } from '../../manifest/index';
import { fail } from '../problem';
import type { Asset } from '../props/assets';
import type { KnownProps } from '../props/known-props';
import { filesUnder, readDirectory } from '../props/source-files';
import type { Parts } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { ConfigSource, checkPath } from './config-source';

export interface ConfigDirectoryProps extends ManagedProps {
  /** Absolute path on the host. */
  readonly path: string;
  /**
   * Directory on this machine with the files that it gets, at most 2000, each at its place below it. Programs stay
   * programs (0755), all others are 0644. Refused are links, and empty directories, which git would not keep either.
   *
   * A file above 64 kB, or one that is no text, travels as an asset, and `terraform plan` shows its digest only; so do
   * all of them when they are more than 256 kB together.
   */
  readonly source: string;
  /** @default 'root' */
  readonly owner?: string;
  /** @default 'root' */
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
 * A directory of files on the host that services use: as the source of a volume, or by its path. A service that mounts
 * it restarts when a file in it changes, comes or goes. Other files in the directory are left alone. Not for secrets:
 * the content is in Terraform's state.
 */
export class ConfigDirectory extends ConfigSource {
  /** Absolute path on the host. */
  readonly path: string;
  readonly mountKind = 'directory';
  readonly fingerprint: string;
  override readonly assets: readonly Asset[];
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
        problem: files.length === 0 ? 'has no files' : `${[...empty].sort()[0]} in it is empty`,
        expected: 'at least one file in it and in each directory below',
        at: `${at}.source`,
      });
    const facts = files.map((file) => [file.path, file.mode, file.asset.digest]);
    this.fingerprint = createHash('sha256').update(JSON.stringify(facts)).digest('hex');
    ({ files: this.files, assets: this.assets } = filesUnder(path, files, { owner, group }));
    this.complete();
  }

  protected override parts(): Parts {
    return { files: this.files };
  }
}
