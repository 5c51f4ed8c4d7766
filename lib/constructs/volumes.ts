import type { ConfigDirectory } from './config-directory';
import type { ConfigFile } from './config-file';
import { ConfigSource } from './config-source';
import { checkedWhenKnown, mayBeAbsolute } from './path-tokens';
import { PodmanVolume } from './podman-volume';
import { fail } from './problem';

/** A file or directory of the host and where the service sees it: `'/srv/data:/data'`, `'/etc/app:/etc/app:ro'`. */
export type VolumeShort = `/${string}:/${string}`;

/** The same as an object. */
export interface VolumeMapping {
  /**
   * Absolute path on the host, or a {@link ConfigFile} or {@link ConfigDirectory}; the service restarts when the content
   * of that changes. A {@link PodmanService} takes a {@link PodmanVolume}, too.
   */
  readonly source: string | ConfigFile | ConfigDirectory | PodmanVolume;
  /** Absolute path that the service sees. */
  readonly target: string;
  /**
   * Whether the service may not write to it.
   * @default - false for a path, true for a ConfigFile or ConfigDirectory
   */
  readonly readOnly?: boolean;
}

export type VolumeProp = VolumeShort | VolumeMapping;

export interface Volume {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly file: ConfigSource | undefined;
  /** The volume of podman's that `source` is the name of. */
  readonly volume: PodmanVolume | undefined;
  readonly at: string;
}

const EXPECTED = '"/source:/target[:ro]", or { source, target } for a path with a colon';

/**
 * @param takes Whether the service can mount volumes of podman's, or paths alone.
 * @throws Error
 */
export function parseVolume(value: VolumeProp, at: string, takes: 'paths' | 'volumes' = 'paths'): Volume {
  const reject = (problem: string) => fail({ action: 'mount', value: shown(value), problem, expected: EXPECTED, at });
  const mapping = typeof value === 'object' && value !== null ? value : readShort(value, reject);
  const file = mapping.source instanceof ConfigSource ? mapping.source : undefined;
  const volume = mapping.source instanceof PodmanVolume ? mapping.source : undefined;
  if (volume && takes === 'paths')
    fail({
      action: 'mount',
      value: volume.node.path,
      problem: 'is a volume of podman',
      expected: 'a path or a ConfigFile; PodmanService takes it',
      at,
    });
  const source = volume?.quadletName ?? file?.path ?? String(mapping.source);
  for (const [side, path] of [['source', source] as const, ['target', String(mapping.target)] as const]) {
    if (side === 'source' && volume) continue;
    if (!mayBeAbsolute(path)) reject(`${side} "${path}" is no absolute path`);
    if (/\/\.\.?(\/|$)/.test(path)) reject(`${side} "${path}" has a "." or ".."`);
    if (path.includes('\0')) reject(`${side} has a NUL byte`);
  }
  return {
    source: checkedWhenKnown(source),
    target: checkedWhenKnown(mapping.target),
    readOnly: mapping.readOnly ?? file !== undefined,
    file,
    volume,
    at,
  };
}

function readShort(value: unknown, reject: (problem: string) => never): VolumeMapping {
  const [source, target, mode, ...rest] = String(value).split(':');
  if (!source || !target || rest.length > 0) return reject('is no volume');
  if (mode !== undefined && mode !== 'ro' && mode !== 'rw') return reject(`mode "${mode}" is unknown`);
  return { source, target, readOnly: mode === 'ro' };
}

function shown(value: VolumeProp): unknown {
  if (typeof value !== 'object' || value === null || typeof value.source !== 'object') return value;
  return { ...value, source: value.source.node.path };
}

/**
 * What systemd makes on the host for a service to see its volumes, as a unit of a manifest names it.
 * @param root The service's own root, in which its targets lie.
 */
export function mountPointsOf(volumes: readonly Volume[], root = ''): { mountPoints?: readonly string[] } {
  const mountPoints = volumes.filter(({ target }) => !target.includes('\n')).map(({ target }) => `${root}${target}`);
  return mountPoints.length > 0 ? { mountPoints } : {};
}
