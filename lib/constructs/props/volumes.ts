import { fail } from '../problem';
import type { EnvironmentFilesProps } from './environment';
import { checkedWhenKnown, mayBeAbsolute } from './paths';
import { isMountSource, type MountSource, type OnChange, type Use } from './used';

/**
 * A path on the host and the path where the service sees it: `'/srv/data:/data'`, or read-only:
 * `'/etc/app:/etc/app:ro'`.
 */
export type VolumeShort = `/${string}:/${string}`;

/** A volume as an object. */
export interface VolumeMapping {
  /**
   * Absolute path on the host, or a {@link ConfigFile}, {@link ConfigDirectory} or {@link Directory}. `onChange` says what
   * a change of a ConfigFile or ConfigDirectory does. A {@link PodmanService} can also mount a {@link PodmanVolume}.
   *
   * Bulkhead creates a directory that is missing on the host. The directory has mode 0755 and belongs to the `user` of the
   * service, or to root. It is deleted with the service only if it is empty. A plan refuses a missing path that looks like
   * a file, such as /etc/app.conf, and a missing path below /dev, /proc, /run, /sys and /tmp.
   */
  readonly source: string | MountSource;
  /** Absolute path inside the service. */
  readonly target: string;
  /**
   * Whether the service can only read the volume.
   * @default - false for a path, true for a ConfigFile or ConfigDirectory
   */
  readonly readOnly?: boolean;
  /**
   * What a change of a {@link ConfigFile} or {@link ConfigDirectory} does to the service. `'restart'` restarts it.
   * `'reload'` reloads it, which needs `ExecReload` in `directives.Service`. `'none'` touches no process: the program sees
   * the new content when it reads the file again. With `'reload'` and `'none'`, a ConfigFile is written in place, so a
   * program that reads the file at that moment can see half of the new content.
   * @default 'restart'
   */
  readonly onChange?: OnChange;
  /**
   * Options for podman only. All three change the files on the host. `z` labels them for SELinux so that several
   * containers can share them, `Z` labels them for this container only, and `U` changes their owner to the container's
   * user. In the short form, write `'/srv/data:/data:ro,Z'`.
   * @default - none
   * @see podman-run(1) "--volume"
   */
  readonly options?: readonly VolumeOption[];
}

/** Changes that podman can make to the files of a volume. */
export type VolumeOption = 'z' | 'Z' | 'U';
const OPTIONS: readonly string[] = ['z', 'Z', 'U'] satisfies readonly VolumeOption[];

export type VolumeProp = VolumeShort | VolumeMapping;

export interface Volume {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly options: readonly VolumeOption[];
  /** The ConfigFile, ConfigDirectory or volume of `source`. Undefined when the user wrote a path, or a Directory. */
  readonly from: MountSource | undefined;
  /** The Directory of `source`. Undefined for any other source. */
  readonly shared: MountSource | undefined;
  readonly onChange: OnChange | undefined;
  readonly at: string;
}

const EXPECTED = '"/source:/target[:ro]", or { source, target } for a path with a colon';

/** What a runtime accepts in `volumes` beside files and directories: one more kind of source, and options. */
export interface VolumeSupport {
  readonly kind?: string;
  readonly options?: boolean;
}

/** Parses the `volumes` prop. @throws Error */
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
      expected: `a path or a ConfigFile; only ${from.mountedBy} can mount it`,
      at,
    });
  const source = from?.usedAs ?? String(mapping.source);
  const shared = from?.isShared ? from : undefined;
  if (!from || isPath(from)) checkPath('source', source, reject);
  checkPath('target', String(mapping.target), reject);
  return {
    source: checkedWhenKnown(source),
    target: checkedWhenKnown(mapping.target),
    readOnly: mapping.readOnly ?? (from !== undefined && isPath(from) && !shared),
    options: checkOptions(mapping.options ?? [], takes, reject),
    from: shared ? undefined : from,
    shared,
    onChange: checkOnChange(mapping.onChange, from, `${at}.onChange`),
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
  if (options.length > 0 && takes.options !== true) reject(`option "${options[0]}" is only for podman`);
  if (options.includes('z') && options.includes('Z')) reject('options "z" and "Z" contradict each other');
  return options;
}

const ON_CHANGE: readonly OnChange[] = ['restart', 'reload', 'none'];

function checkOnChange(value: unknown, from: MountSource | undefined, at: string): OnChange | undefined {
  if (value === undefined) return undefined;
  const word = ON_CHANGE.find((known) => known === value);
  const action = 'set onChange to';
  if (!word) return fail({ action, value, problem: 'is unknown', expected: '"restart", "reload" or "none"', at });
  if (from && isPath(from) && !from.isShared) return word;
  return fail({
    action,
    value,
    problem: 'Bulkhead does not see when the content changes',
    expected: 'a ConfigFile or ConfigDirectory as source',
    at,
  });
}

function isPath({ mountKind }: MountSource): boolean {
  return mountKind === 'file' || mountKind === 'directory';
}

function checkPath(side: 'source' | 'target', path: string, reject: (problem: string) => never): void {
  if (!mayBeAbsolute(path)) reject(`${side} "${path}" is not an absolute path`);
  if (/\/\.\.?(\/|$)/.test(path)) reject(`${side} "${path}" has a "." or ".."`);
  if (path.includes('\0')) reject(`${side} has a NUL byte`);
}

function readShort(value: unknown, reject: (problem: string) => never): VolumeMapping {
  const [source, target, mode, ...rest] = String(value).split(':');
  if (!source || !target || rest.length > 0) return reject('is not a volume');
  const words = mode === undefined ? [] : mode.split(',');
  const options = words.filter((word): word is VolumeOption => word !== 'ro' && word !== 'rw');
  return { source, target, readOnly: words.includes('ro'), ...(options.length > 0 && { options }) };
}

function shown(value: VolumeProp): unknown {
  if (typeof value !== 'object' || value === null || !isMountSource(value.source)) return value;
  return { ...value, source: value.source.node.path };
}

/** What a service uses of others: the files and directories in its volumes, and its environment files. */
export function usesOf(volumes: readonly Volume[], { environmentFiles = [] }: EnvironmentFilesProps = {}): Use[] {
  const uses = new Map<string, Use>();
  const add = ({ usedAs, fingerprint }: MountSource, onChange: OnChange, at: string) => {
    const other = uses.get(usedAs)?.onChange ?? 'none';
    const stronger = ON_CHANGE.indexOf(onChange) <= ON_CHANGE.indexOf(other) ? onChange : other;
    uses.set(usedAs, { usedAs, fingerprint, onChange: stronger, at });
  };
  for (const { from, shared, onChange, at } of volumes) {
    const source = from ?? shared;
    if (source && isPath(source)) add(source, onChange ?? 'restart', at);
  }
  for (const file of environmentFiles) if (isMountSource(file)) add(file, 'restart', '');
  return [...uses.values()];
}

/** Constructs that a service mounts or reads: the sources of its volumes, and its environment files. */
export function sourcesRead(
  volumes: readonly Volume[],
  { environmentFiles = [] }: EnvironmentFilesProps = {},
): MountSource[] {
  const mounted = volumes
    .map(({ from, shared }) => from ?? shared)
    .filter((from) => from === undefined || isPath(from));
  return [...new Set([...mounted, ...environmentFiles].filter(isMountSource))];
}

/**
 * Paths that systemd creates on the host to mount the volumes of a service, for the service's unit in the manifest.
 * @param root Root directory of the service. The targets are below it.
 */
export function mountPointsOf(
  volumes: readonly Pick<Volume, 'target'>[],
  root = '',
): { mountPoints?: readonly string[] } {
  const mountPoints = volumes.filter(({ target }) => !target.includes('\n')).map(({ target }) => `${root}${target}`);
  return mountPoints.length > 0 ? { mountPoints } : {};
}
