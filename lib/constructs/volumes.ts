import { ConfigFile } from './config-file';
import { fail } from './problem';

/** A file or directory of the host and where the service sees it: `'/srv/data:/data'`, `'/etc/app:/etc/app:ro'`. */
export type VolumeShort = `/${string}:/${string}`;

/** The same as an object. */
export interface VolumeMapping {
  /** Absolute path on the host, or a {@link ConfigFile}; the service restarts when the content of that changes. */
  readonly source: string | ConfigFile;
  /** Absolute path that the service sees. */
  readonly target: string;
  /**
   * Whether the service may not write to it.
   * @default - false for a path, true for a ConfigFile
   */
  readonly readOnly?: boolean;
}

export type VolumeProp = VolumeShort | VolumeMapping;

export interface Volume {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly file: ConfigFile | undefined;
  readonly at: string;
}

const EXPECTED = '"/source:/target[:ro]", or { source, target } for a path with a colon';

/** @throws Error */
export function parseVolume(value: VolumeProp, at: string): Volume {
  const reject = (problem: string) => fail({ action: 'mount', value: shown(value), problem, expected: EXPECTED, at });
  const mapping = typeof value === 'object' && value !== null ? value : readShort(value, reject);
  const file = mapping.source instanceof ConfigFile ? mapping.source : undefined;
  const source = file?.path ?? String(mapping.source);
  for (const [side, path] of [['source', source] as const, ['target', String(mapping.target)] as const]) {
    if (!path.startsWith('/')) reject(`${side} "${path}" is no absolute path`);
    if (/\/\.\.?(\/|$)/.test(path)) reject(`${side} "${path}" has a "." or ".."`);
    if (path.includes('\0')) reject(`${side} has a NUL byte`);
  }
  return { source, target: mapping.target, readOnly: mapping.readOnly ?? file !== undefined, file, at };
}

function readShort(value: unknown, reject: (problem: string) => never): VolumeMapping {
  const [source, target, mode, ...rest] = String(value).split(':');
  if (!source || !target || rest.length > 0) return reject('is no volume');
  if (mode !== undefined && mode !== 'ro' && mode !== 'rw') return reject(`mode "${mode}" is unknown`);
  return { source, target, readOnly: mode === 'ro' };
}

function shown(value: VolumeProp): unknown {
  if (typeof value !== 'object' || value === null || !(value.source instanceof ConfigFile)) return value;
  return { ...value, source: value.source.node.path };
}
