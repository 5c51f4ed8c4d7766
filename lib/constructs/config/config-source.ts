import type { FilePart } from '../../manifest/index';
import { Token } from '../cdktf';
import { fail } from '../problem';
import type { MountSource } from '../props/used';
import { type Parts, Service } from '../service/service';

/** A file or directory on the host that services read, as the source of a volume or by its path. */
export abstract class ConfigSource extends Service implements MountSource {
  /** Absolute path on the host. */
  abstract readonly path: string;
  abstract readonly mountKind: 'file' | 'directory';
  readonly unitName = undefined;
  /** @internal */
  override readonly filesNamedBy = 'path';

  get usedAs(): string {
    return this.path;
  }

  /** Text that changes whenever the content changes. Services that use the file restart then. */
  abstract get fingerprint(): string;
}

/** Checks a path on the host. @throws Error */
export function checkPath(path: string, action: string, at: string): string {
  if (
    typeof path === 'string' &&
    !Token.isUnresolved(path) &&
    /^\/(?!.*(?:\/\/|\/\.\.?(?:\/|$)))[^\0\n\p{Surrogate}]*[^/\0\n\p{Surrogate}]$/su.test(path)
  )
    return path;
  return fail({
    action,
    value: path,
    problem: 'is not a file path',
    expected: 'an absolute path, known at synthesis, without ".", ".." and line breaks',
    at: `${at}.path`,
  });
}

/** What the host must have so that a file or directory can belong to its owner and group. */
export function ownerNeeds({ owner, group }: Pick<FilePart, 'owner' | 'group'>): NonNullable<Parts['needs']> {
  const accounts = { [`user ${owner}`]: 'owner', [`group ${group}`]: 'group' };
  return Object.fromEntries(Object.entries(accounts).filter(([account]) => !/^\w+ (?:root|\d+)$/.test(account)));
}
