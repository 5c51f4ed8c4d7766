import { ABSOLUTE_PATH, type ObjectPart, objectKey } from '../../manifest/index';
import { Token } from '../cdktf';
import type { EnvironmentFilesProps } from '../props/environment';
import { isMountSource } from '../props/used';
import type { Volume } from '../props/volumes';

/** What a service needs on its host, each with the prop that names it, and the directories that are made for it. */
export interface HostPaths {
  readonly needs: Readonly<Record<string, string>>;
  readonly directories: Readonly<Record<string, ObjectPart>>;
}

/** The user and group of the host that own what a service writes. */
export interface FileOwner {
  readonly owner: string;
  /** @default - the user's own */
  readonly group?: string;
}

export const ROOT: FileOwner = { owner: 'root', group: 'root' };

/** Where nothing stays: what lies there comes with whatever runs. */
const VOLATILE = /^\/(?:dev|proc|run|sys|tmp|var\/run|var\/tmp)(?:\/|$)/;

/** Names that read as those of files: with an extension other than that of a directory of drop-ins, or hidden. */
const LIKE_A_FILE = /(?:^\.|\.[A-Za-z0-9]+$)/;

/**
 * What the volumes and environment files of a service need. A path that is a construct's, or that only Terraform knows,
 * needs nothing.
 * @param service Who owns a directory that is made, where a made-up user could not write to one; its construct path.
 */
export function hostPaths(
  volumes: readonly Volume[],
  { environmentFiles = [] }: EnvironmentFilesProps,
  { owner, path }: { owner: FileOwner | 'made up'; path: string },
): HostPaths {
  const needs: Record<string, string> = {};
  const directories: Record<string, ObjectPart> = {};
  for (const { source, from, shared, readOnly, at } of volumes) {
    if (from || shared || !isKnownPath(source)) continue;
    if (isDirectory(source) && (owner !== 'made up' || readOnly)) {
      const spec = { ...(owner === 'made up' ? ROOT : owner), mode: '0755', existing: 'as it is' };
      directories[objectKey('directory', source)] = { spec };
    } else needs[`path ${source}`] = at.slice(path.length + 1);
  }
  environmentFiles.forEach((file, index) => {
    if (!isMountSource(file) && isKnownPath(file)) needs[`path ${file}`] = `environmentFiles[${index}]`;
  });
  return { needs, directories };
}

/** Needs without the paths that do not stay. Whatever comes before a service may create them. */
export function withoutVolatile(needs: HostPaths['needs']): HostPaths['needs'] {
  const isVolatile = (need: string) => need.startsWith('path ') && VOLATILE.test(need.slice('path '.length));
  return Object.fromEntries(Object.entries(needs).filter(([need]) => !isVolatile(need)));
}

function isDirectory(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return !VOLATILE.test(path) && (!LIKE_A_FILE.test(name) || name.endsWith('.d')) && !path.includes('\t');
}

function isKnownPath(path: string): boolean {
  return !Token.isUnresolved(path) && ABSOLUTE_PATH.pattern.test(path);
}

/** The owner of what the process of a container writes, whose `user` is a number of the host; root for a name. */
export function numericOwner(user: string | undefined): FileOwner {
  const [, owner, group = owner] = /^(\d+)(?::(\d+))?$/.exec(user ?? '') ?? [];
  return owner === undefined || group === undefined ? ROOT : { owner, group };
}
