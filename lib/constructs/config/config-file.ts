import { createHash } from 'node:crypto';
import type { Construct } from 'constructs';
import type { FilePart } from '../../manifest/index';
import { Token } from '../cdktf';
import { checkEither, fail } from '../problem';
import { type Asset, assetOf } from '../props/assets';
import type { KnownProps } from '../props/known-props';
import { checkMode } from '../props/mode';
import { smallText } from '../props/source-files';
import type { Parts } from '../service/service';
import { MANAGED_PROPS, type ManagedProps } from '../service/service-props';
import { ConfigSource, checkPath, ownerNeeds } from './config-source';

export interface ConfigFileProps extends ManagedProps {
  /** Absolute path on the host, known at synthesis. */
  readonly path: string;
  /**
   * Text of the file. Set either `content` or `source`.
   * @default - the content of `source`
   */
  readonly content?: string;
  /**
   * File on this machine whose content is copied. Files above 64 kB and binary files are sent as assets, and `terraform
   * plan` shows only their digest.
   * @default - `content` is used
   */
  readonly source?: string;
  /**
   * Permissions as octal digits, such as `'0640'`.
   * @default '0644'
   */
  readonly mode?: string;
  /**
   * User on the host that owns the file.
   * @default 'root'
   */
  readonly owner?: string;
  /**
   * Group on the host that owns the file.
   * @default 'root'
   */
  readonly group?: string;
}

const PROPS: KnownProps<ConfigFileProps> = {
  ...MANAGED_PROPS,
  path: true,
  content: true,
  source: true,
  mode: true,
  owner: true,
  group: true,
};

/**
 * A file on the host for services. A service mounts it as the source of a volume, or refers to it by its path. A
 * service that mounts it restarts when the content changes. Do not put secrets in it: Terraform's state has the
 * content.
 *
 * On the host: the file at `path`.
 */
export class ConfigFile extends ConfigSource {
  /** Absolute path on the host. */
  readonly path: string;
  readonly mountKind = 'file';
  override readonly assets: readonly Asset[];
  private part: FilePart;

  constructor(scope: Construct, id: string, props: ConfigFileProps) {
    super(scope, id, 'file', props, PROPS);
    const at = this.node.path;
    const { path, mode = '0644', owner = 'root', group = 'root' } = props;
    this.path = checkPath(path, 'write file', at);
    const content = contentOf(props, at);
    this.assets = 'digest' in content ? [content] : [];
    const text = 'digest' in content ? { asset: content.digest } : { content: content.text };
    this.part = { ...text, mode: checkMode(mode, at), owner, group };
    this.complete();
  }

  get fingerprint(): string {
    if (this.part.asset !== undefined) return this.part.asset;
    const content = this.part.content ?? '';
    // A value that only Terraform knows can't be hashed at synthesis, so the token itself is the fingerprint.
    return Token.isUnresolved(content) ? content : createHash('sha256').update(content).digest('hex');
  }

  /** @internal */
  writeInPlace(): void {
    if (this.part.inPlace) return;
    this.part = { ...this.part, inPlace: true };
    this.changed();
  }

  protected override parts(): Parts {
    return { files: { [this.path]: this.part }, needs: ownerNeeds(this.part) };
  }
}

function contentOf({ content, source }: ConfigFileProps, at: string): { readonly text: string } | Asset {
  checkEither('write file from', { content, source }, at);
  if (/\p{Surrogate}/u.test(content ?? ''))
    fail({ action: 'write', value: content, problem: 'is not valid UTF-16', expected: 'text', at: `${at}.content` });
  if (source === undefined) return { text: content ?? '' };
  const asset = assetOf(source, 'read', `${at}.source`);
  const text = smallText(source);
  return text === undefined ? asset : { text };
}
