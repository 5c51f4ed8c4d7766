import { fail } from '../problem';
import type { EnvironmentFilesProps } from './environment';
import { checkedWhenKnown, mayBeAbsolute } from './paths';
import { isMountSource, type MountSource } from './used';

/** A file or directory of the host and where the service sees it: `'/srv/data:/data'`, `'/etc/app:/etc/app:ro'`. */
export type VolumeShort = `/${string}:/${string}`;

/** The same as an object. */
export interface VolumeMapping {
  /**
   * Absolute path on the host, or a {@link ConfigFile} or {@link ConfigDirectory}: the service restarts when its content
   * changes. A {@link PodmanService} also mounts a {@link PodmanVolume}.
   */
  readonly source: string | MountSource;
  /** Absolute path that the service sees. */
  readonly target: string;
  /**
   * Whether the service may not write to it.
   * @default - false for a path, true for a ConfigFile or ConfigDirectory
   */
  readonly readOnly?: boolean;
  /**
   * For podman alone: `z` and `Z` label the content for SELinux, shared with other containers or for this one; `U` changes
   * its owner to the user of the container. All three change what lies on the host. In the short form they are
   * `'/srv/data:/data:ro,Z'`.
   * @default - none
   * @see podman-run(1) "--volume"
   */
  readonly options?: readonly VolumeOption[];
}

/** What podman may do to the content of a volume. */
export type VolumeOption = 'z' | 'Z' | 'U';
const OPTIONS: readonly string[] = ['z', 'Z', 'U'] satisfies readonly VolumeOption[];

export type VolumeProp = VolumeShort | VolumeMapping;

export interface Volume {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly options: readonly VolumeOption[];
  /** The construct that `source` stands for; undefined for a path that the user wrote. */
  readonly from: MountSource | undefined;
  readonly at: string;
}

const EXPECTED = '"/source:/target[:ro]", or { source, target } for a path with a colon';

/** What a runtime takes of the `volumes` prop beside files and directories: a kind of source, and options. */
export interface VolumeSupport {
  readonly kind?: string;
  readonly options?: boolean;
}

/** The `volumes` prop. @throws Error */
export function parseVolumes(volumes: readonly VolumeProp[] = [], at: string, takes: VolumeSupport = {}): Volume[] {
  return volumes.map((volume, index) => parseVolume(volume, `${at}.volumes[${index}]`, takes));
}

/** @throws Error */
export function parseVolume(value: VolumeProp, at: string, takes: VolumeSupport = {}): Volume {
  const reject = (problem: string) => fail({ action: 'mount', value: shown(value), problem, expected: EXPECTED, at });
  const mapping = typeof value === 'object' && value !== null ? value : readShort(value, reject);
  const from = isMountSource(mapping.source) ? mapping.source : undefined;
  if (from && !isPath(from) && from.mountKind !== takes.kind)
    fail({
      action: 'mount',
      value: from.node.path,
      problem: `is a ${from.mountKind}`,
      expected: `a path or a ConfigFile; ${from.mountedBy} takes it`,
      at,
    });
  const source = from?.usedAs ?? String(mapping.source);
  if (!from || isPath(from)) checkPath('source', source, reject);
  checkPath('target', String(mapping.target), reject);
  return {
    source: checkedWhenKnown(source),
    target: checkedWhenKnown(mapping.target),
    readOnly: mapping.readOnly ?? (from !== undefined && isPath(from)),
    options: checkOptions(mapping.options ?? [], takes, reject),
    from,
    at,
  };
}

function checkOptions(
  options: readonly VolumeOption[],
  takes: VolumeSupport,
  reject: (problem: string) => never,
): readonly VolumeOption[] {
  const unknown = options.find((option) => !OPTIONS.includes(option));
  if (unknown !== undefined) reject(`mode "${unknown}" is unknown`);
  if (options.length > 0 && takes.options !== true) reject(`option "${options[0]}" is for podman alone`);
  if (options.includes('z') && options.includes('Z')) reject('options "z" and "Z" contradict each other');
  return options;
}

function isPath({ mountKind }: MountSource): boolean {
  return mountKind === 'file' || mountKind === 'directory';
}

function checkPath(side: 'source' | 'target', path: string, reject: (problem: string) => never): void {
  if (!mayBeAbsolute(path)) reject(`${side} "${path}" is no absolute path`);
  if (/\/\.\.?(\/|$)/.test(path)) reject(`${side} "${path}" has a "." or ".."`);
  if (path.includes('\0')) reject(`${side} has a NUL byte`);
}

function readShort(value: unknown, reject: (problem: string) => never): VolumeMapping {
  const [source, target, mode, ...rest] = String(value).split(':');
  if (!source || !target || rest.length > 0) return reject('is no volume');
  const words = mode === undefined ? [] : mode.split(',');
  const options = words.filter((word): word is VolumeOption => word !== 'ro' && word !== 'rw');
  return { source, target, readOnly: words.includes('ro'), ...(options.length > 0 && { options }) };
}

function shown(value: VolumeProp): unknown {
  if (typeof value !== 'object' || value === null || !isMountSource(value.source)) return value;
  return { ...value, source: value.source.node.path };
}

/** Files and directories that a service reads beside its own files: what it mounts, and its environment files. */
export function sourcesRead(
  volumes: readonly Volume[],
  { environmentFiles = [] }: EnvironmentFilesProps = {},
): MountSource[] {
  const mounted = volumes.map(({ from }) => from).filter((from) => from === undefined || isPath(from));
  return [...new Set([...mounted, ...environmentFiles].filter(isMountSource))];
}

/**
 * Paths that systemd creates on the host so that a service sees its volumes, for the service's unit in the manifest.
 * @param root The service's own root directory. Its targets are below it.
 */
export function mountPointsOf(
  volumes: readonly Pick<Volume, 'target'>[],
  root = '',
): { mountPoints?: readonly string[] } {
  const mountPoints = volumes.filter(({ target }) => !target.includes('\n')).map(({ target }) => `${root}${target}`);
  return mountPoints.length > 0 ? { mountPoints } : {};
}
